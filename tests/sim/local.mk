# The simulation: karstd's own code on a simulated world (README.md). The linker sends what would
# reach the kernel, the clock, threads or libevent to tests/sim.
noinst_PROGRAMS += karst-sim
karst_sim_SOURCES = \
	tests/sim/sim.h tests/sim/store.h \
	tests/sim/client.c tests/sim/disk.c tests/sim/faults.c tests/sim/invariants.c \
	tests/sim/karst.c tests/sim/loop.c tests/sim/main.c tests/sim/measure.c tests/sim/net.c tests/sim/network.c \
	tests/sim/quiet.c tests/sim/router.c tests/sim/routers.c tests/sim/rows.c tests/sim/run.c tests/sim/silent.c tests/sim/ssh.c \
	tests/sim/store.c tests/sim/thread.c tests/sim/time.c tests/sim/xml.c \
	pce/daemon/devices.c pce/daemon/dispatch.c pce/daemon/feeds.c pce/daemon/persist.c \
	tests/lab/bgpls_encode.c tests/lab/bgpls_speaker.c
karst_sim_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
sim_wrap = -Wl,--wrap=clock_gettime,--wrap=getrandom,--wrap=open,--wrap=mkdir,--wrap=close \
	-Wl,--wrap=socket,--wrap=connect,--wrap=bind,--wrap=listen,--wrap=accept4,--wrap=getsockname \
	-Wl,--wrap=getsockopt,--wrap=setsockopt,--wrap=shutdown,--wrap=send,--wrap=recv \
	-Wl,--wrap=eventfd,--wrap=read,--wrap=write \
	-Wl,--wrap=pthread_create,--wrap=pthread_join,--wrap=pthread_cond_wait,--wrap=pthread_cond_signal \
	-Wl,--wrap=persist_write,--wrap=devices_apply,--wrap=devices_read,--wrap=service_step \
	-Wl,--wrap=store_sqlite_open,--wrap=codec_new,--wrap=codec_free
karst_sim_LDFLAGS = $(AM_LDFLAGS) $(sim_wrap)
karst_sim_LDADD = \
	southbound/netconf/libnetconf.a southbound/netconf/libncsession.a \
	southbound/profile/libprofile.a southbound/bgp/libbgp.a pce/service/libservice.a \
	pce/deploy/libdeploy.a pce/operate/liboperate.a pce/assure/libassure.a pce/policy/libpolicy.a \
	models/import/libimport.a models/codec/libcodec.a pce/segment/libsegment.a pce/path/libpath.a \
	pce/ted/libted.a pce/store/libstore.a pce/base/libbase.a \
	$(LIBYANG_LIBS) $(LIBFYAML_LIBS) $(LIBXML2_LIBS) $(SQLITE_LIBS) $(OPENSSL_LIBS) -lpthread -lm

dist_check_SCRIPTS += tests/sim/test_sim.sh tests/sim/test_matrix.sh
EXTRA_DIST += tests/sim/README.md

# Planted bugs that the simulation finds: see ./dev mutants.
EXTRA_DIST += \
	tests/mutants/deploy-roll-back-forgets-the-recovered.patch \
	tests/mutants/deploy-undecided-is-confirmed.patch \
	tests/mutants/netconf-rolled-back-candidate-is-committed.patch \
	tests/mutants/service-frozen-pushes.patch \
	tests/mutants/service-learning-pushes.patch \
	tests/mutants/service-old-links-freed-early.patch \
	tests/mutants/service-settled-keeps-booking.patch \
	tests/mutants/store-failed-batch-is-acknowledged.patch \
	tests/mutants/store-recovered-is-not-synced.patch \
	tests/mutants/store-refused-comes-back.patch \
	tests/mutants/store-sync-is-normal.patch
