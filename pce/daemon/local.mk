sbin_PROGRAMS += karstd
karstd_SOURCES = \
	pce/daemon/api.c \
	pce/daemon/daemon.h \
	pce/daemon/devices.c \
	pce/daemon/dispatch.c \
	pce/daemon/feeds.c \
	pce/daemon/log.c pce/daemon/log.h \
	pce/daemon/main.c \
	pce/daemon/persist.c \
	pce/daemon/telemetry.c
karstd_LDADD = northbound/restconf/librestconf.a northbound/web/libweb.a northbound/metrics/libmetrics.a \
	northbound/events/libevents.a northbound/auth/libauth.a northbound/http/libhttp.a \
	southbound/gnmi/libgnmi.a southbound/telemetry/libtelemetry.a southbound/gnmi/libgnmiwire.a \
	southbound/telemetry/libtelemetry.a models/proto/libgnmi_proto.a \
	southbound/netconf/libnetconf.a southbound/netconf/libncsession.a \
	southbound/profile/libprofile.a southbound/bgp/libbgp.a pce/service/libservice.a \
	pce/deploy/libdeploy.a pce/operate/liboperate.a pce/assure/libassure.a pce/policy/libpolicy.a \
	models/import/libimport.a models/codec/libcodec.a pce/segment/libsegment.a pce/path/libpath.a \
	pce/ted/libted.a pce/store/libstore.a pce/base/libbase.a \
	$(LIBYANG_LIBS) $(LIBFYAML_LIBS) $(LIBXML2_LIBS) $(LIBSSH_LIBS) $(SQLITE_LIBS) \
	$(LIBEVENT_LIBS) $(GRPC_LIBS) $(PROTOBUF_C_LIBS) $(OPENSSL_LIBS) -lpthread -lm
