#include "southbound/telemetry/meaning.h"

const char *
telemetry_meaning_name(enum telemetry_meaning meaning)
{
	static const char *const names[MEANING_COUNT] = {
		[MEANING_NONE] = "none",
		[MEANING_OUT_OCTETS] = "out-octets",
		[MEANING_IN_OCTETS] = "in-octets",
		[MEANING_OUT_PACKETS] = "out-packets",
		[MEANING_OUT_DISCARDS] = "out-discards",
		[MEANING_OUT_RATE] = "out-rate-bps",
		[MEANING_OPER_STATUS] = "oper-status",
		[MEANING_IF_INDEX] = "if-index",
		[MEANING_ADDRESS] = "address",
		[MEANING_DELAY] = "delay-us",
		[MEANING_LOSS] = "loss-ppb",
		[MEANING_POLICY_OCTETS] = "policy-octets",
		[MEANING_POLICY_RATE] = "policy-rate-bps",
		[MEANING_FLOW_PACKETS] = "flow-packets",
	};

	return meaning >= 0 && meaning < MEANING_COUNT ? names[meaning] : "none";
}
