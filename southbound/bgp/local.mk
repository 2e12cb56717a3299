noinst_LIBRARIES += southbound/bgp/libbgp.a
southbound_bgp_libbgp_a_SOURCES = \
	southbound/bgp/attr.c southbound/bgp/attr_rules.c southbound/bgp/bgpls.h \
	southbound/bgp/feed.c southbound/bgp/feed.h \
	southbound/bgp/json.c southbound/bgp/json.h \
	southbound/bgp/json_attr.c southbound/bgp/json_internal.h \
	southbound/bgp/nlri.c \
	southbound/bgp/notify.c southbound/bgp/notify.h \
	southbound/bgp/open.c southbound/bgp/open.h \
	southbound/bgp/peer.c southbound/bgp/peer.h \
	southbound/bgp/protect.c southbound/bgp/protect.h \
	southbound/bgp/session.c southbound/bgp/session.h \
	southbound/bgp/shell.c southbound/bgp/shell.h \
	southbound/bgp/tlv.h \
	southbound/bgp/translate.c southbound/bgp/translate.h \
	southbound/bgp/update.c southbound/bgp/update.h
