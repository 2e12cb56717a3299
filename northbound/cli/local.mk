# What the verbs share, and the verbs themselves.
noinst_LIBRARIES += northbound/cli/libcli.a
northbound_cli_libcli_a_SOURCES = \
	northbound/cli/cli.c northbound/cli/cli.h \
	northbound/cli/cli_demand.c northbound/cli/cli_demand.h \
	northbound/cli/cli_names.c \
	northbound/cli/table.c

bin_PROGRAMS += karst
karst_SOURCES = northbound/cli/main.c \
	northbound/cli/cli_batch.c northbound/cli/cli_batch.h \
	northbound/cli/cli_requests.c northbound/cli/cli_requests.h \
	northbound/cli/cli_bgpls.c northbound/cli/cli_bgpls.h \
	northbound/cli/cli_offline.c northbound/cli/cli_offline.h \
	northbound/cli/cli_online.h northbound/cli/online.c northbound/cli/online.h \
	northbound/cli/client.c northbound/cli/client.h \
	northbound/cli/json.c northbound/cli/json.h \
	northbound/cli/online_backup.c northbound/cli/online_change.c northbound/cli/online_events.c northbound/cli/online_intent.c \
	northbound/cli/online_operate.c northbound/cli/online_trace.c \
	northbound/cli/online_link.c northbound/cli/online_reoptimise.c northbound/cli/online_adopt.c northbound/cli/online_path.c northbound/cli/online_policy.c \
	northbound/cli/online_status.c northbound/cli/online_telemetry.c northbound/cli/online_token.c northbound/cli/online_topology.c \
	northbound/cli/cli_path.c northbound/cli/cli_path.h \
	northbound/cli/cli_profile.c northbound/cli/cli_profile.h \
	northbound/cli/cli_topology.c northbound/cli/cli_topology.h \
	northbound/cli/cli_topology_analyse.c \
	northbound/cli/cli_topology_check.c northbound/cli/cli_topology_convert.c \
	northbound/cli/findings.c northbound/cli/findings.h \
	northbound/cli/cli_whatif.c northbound/cli/cli_whatif.h
karst_LDADD = northbound/cli/libcli.a southbound/profile/libprofile.a southbound/bgp/libbgp.a models/import/libimport.a \
	models/codec/libcodec.a pce/plan/libplan.a pce/policy/libpolicy.a pce/segment/libsegment.a \
	pce/path/libpath.a pce/ted/libted.a pce/base/libbase.a $(LIBYANG_LIBS) $(LIBFYAML_LIBS) \
	$(LIBXML2_LIBS) $(OPENSSL_LIBS) $(IGRAPH_LIBS) -lpthread -lm
