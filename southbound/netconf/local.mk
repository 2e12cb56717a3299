noinst_LIBRARIES += southbound/netconf/libncsession.a
southbound_netconf_libncsession_a_SOURCES = \
	southbound/netconf/frame.c southbound/netconf/frame.h \
	southbound/netconf/session.c southbound/netconf/session.h \
	southbound/netconf/transaction.c southbound/netconf/transaction.h \
	southbound/netconf/xml.c southbound/netconf/xml.h
