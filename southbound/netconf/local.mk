# The pure part, for tests and fuzzing, and the driver on libevent, libssh and OpenSSL.
noinst_LIBRARIES += southbound/netconf/libncsession.a southbound/netconf/libnetconf.a
southbound_netconf_libncsession_a_SOURCES = \
	southbound/clock.h southbound/driver.h southbound/report.h \
	southbound/netconf/frame.c southbound/netconf/frame.h \
	southbound/netconf/operations.c \
	southbound/netconf/session.c southbound/netconf/session.h \
	southbound/netconf/transaction.c southbound/netconf/transaction.h \
	southbound/netconf/transaction_internal.h \
	southbound/netconf/xml.c southbound/netconf/xml.h
southbound_netconf_libnetconf_a_SOURCES = \
	southbound/netconf/channel.c southbound/netconf/channel.h \
	southbound/netconf/data.c southbound/netconf/data.h \
	southbound/netconf/device.c southbound/netconf/device.h \
	southbound/netconf/payload.c southbound/netconf/payload.h \
	southbound/netconf/shell.c southbound/netconf/shell.h \
	southbound/netconf/socket.c southbound/netconf/socket.h \
	southbound/netconf/ssh.c southbound/netconf/ssh.h \
	southbound/netconf/tls.c southbound/netconf/tls.h
