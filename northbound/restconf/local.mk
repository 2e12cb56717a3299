noinst_LIBRARIES += northbound/restconf/librestconf.a
northbound_restconf_librestconf_a_SOURCES = \
	northbound/restconf/backup.c \
	northbound/restconf/compute.c \
	northbound/restconf/data.c \
	northbound/restconf/intents.c \
	northbound/restconf/internal.h \
	northbound/restconf/north.c northbound/restconf/north.h \
	northbound/restconf/operate.c \
	northbound/restconf/openapi.c northbound/restconf/operations.c \
	northbound/restconf/policies.c \
	northbound/restconf/reply.c \
	northbound/restconf/root.c \
	northbound/restconf/route.c \
	northbound/restconf/telemetry.c \
	northbound/restconf/tokens.c \
	northbound/restconf/topology.c
