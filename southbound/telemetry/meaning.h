/* What a leaf that a router streams means to Karst, whatever its model calls it. */
#ifndef SOUTHBOUND_TELEMETRY_MEANING_H
#define SOUTHBOUND_TELEMETRY_MEANING_H

enum telemetry_meaning {
	MEANING_NONE,
	/* of an interface; its key is the interface's name */
	MEANING_OUT_OCTETS, /* counter */
	MEANING_IN_OCTETS, /* counter */
	MEANING_OUT_PACKETS, /* counter */
	MEANING_OUT_DISCARDS, /* counter of packets */
	MEANING_OUT_RATE, /* bits per second, as the router averages them */
	MEANING_OPER_STATUS, /* "UP" or another word, in any case */
	MEANING_IF_INDEX, /* the link-local identifier of the IGP, as most routers have it */
	MEANING_ADDRESS, /* an address of the interface */
	MEANING_DELAY, /* microseconds, one way */
	MEANING_LOSS, /* parts per billion */
	/* of an SRv6 policy; its keys are color and endpoint */
	MEANING_POLICY_OCTETS, /* counter */
	MEANING_POLICY_RATE, /* bits per second */
	/* of a policy at any router on its way; its keys are color, endpoint and headend */
	MEANING_FLOW_PACKETS, /* counter of packets that came in */
	MEANING_COUNT
};

/* Name as in the YANG enumeration ("out-octets"); never NULL. */
const char *telemetry_meaning_name(enum telemetry_meaning meaning);

#endif
