/* Notifications with known content, for the walker: made as protobuf-c messages, so that the walker
 * meets octets that somebody else wrote. */
#ifndef TESTS_GNMI_RANDOM_NOTIFICATION_H
#define TESTS_GNMI_RANDOM_NOTIFICATION_H

#include <stdbool.h>

#include "models/proto/gnmi.pb-c.h"
#include "pce/base/arena.h"
#include "southbound/telemetry/meaning.h"
#include "tests/support/suite.h"

#define EXPECTED_MAX 64

/* A leaf that the walker has to find. */
struct expected {
	enum telemetry_meaning meaning;
	const char *names[2];
	uint64_t number; /* or */
	const char *text; /* NULL: the number counts */
	bool met;
};

struct made {
	uint8_t *bytes; /* a SubscribeResponse, in the arena */
	size_t len;
	int64_t timestamp_ns;
	struct expected expected[EXPECTED_MAX];
	size_t n_expected;
};

/* A notification of random leaves in random encodings: with and without a prefix, elements in the
 * new form or the deprecated one, scalars or JSON. */
void make_notification(uint64_t *random, struct arena *arena, struct made *out);

#endif
