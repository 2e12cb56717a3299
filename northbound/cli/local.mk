# What the verbs share, and the verbs themselves.
noinst_LIBRARIES += northbound/cli/libcli.a
northbound_cli_libcli_a_SOURCES = \
	northbound/cli/cli.c northbound/cli/cli.h \
	northbound/cli/cli_demand.c northbound/cli/cli_demand.h \
	northbound/cli/cli_names.c \
	northbound/cli/table.c

bin_PROGRAMS += karst
karst_SOURCES = northbound/cli/main.c northbound/cli/cli_bgpls.c northbound/cli/cli_bgpls.h
karst_LDADD = northbound/cli/libcli.a southbound/bgp/libbgp.a pce/policy/libpolicy.a pce/base/libbase.a
