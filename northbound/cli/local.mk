bin_PROGRAMS += karst
karst_SOURCES = northbound/cli/main.c northbound/cli/cli_bgpls.c northbound/cli/cli_bgpls.h
karst_LDADD = southbound/bgp/libbgp.a pce/base/libbase.a
