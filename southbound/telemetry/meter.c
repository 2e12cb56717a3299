#include "southbound/telemetry/meter.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/hash.h"

#define DELAY_MAX_US 16777215u /* RFC 8570 */

/* What was said last of a number that is no counter. */
struct gauge {
	bool known;
	uint64_t number;
	struct usec at;
};

struct object {
	char *name;
	uint16_t len;
	struct rate_counter octets, packets, discards;
	struct gauge rate, delay, loss, oper, index;
	uint64_t sent, dropped; /* packets since the last loss reading */
};

struct meter {
	struct meter_limits limits;
	meter_fn *fn;
	void *ctx;
	struct object *objects;
	size_t n, cap;
	struct hash by_name;
	struct usec received;
	/* The object of the sample before: samples of one prefix share its slice. */
	const char *last_at;
	size_t last_len;
	uint32_t last_object;
	struct meter_counters count;
};

static const void *
name_of(const void *owner, uint32_t value, size_t *len)
{
	const struct meter *m = owner;

	*len = m->objects[value].len;
	return m->objects[value].name;
}

enum pce_status
meter_new(const struct meter_limits *limits, uint64_t seed, meter_fn *fn, void *ctx,
	  struct meter **out, struct pce_error *err)
{
	struct meter *m = calloc(1, sizeof(*m));

	if (!m)
		return pce_no_memory(err);
	m->limits = *limits;
	m->fn = fn;
	m->ctx = ctx;
	hash_init(&m->by_name, name_of, m, seed);
	*out = m;
	return PCE_OK;
}

void
meter_free(struct meter *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		free(m->objects[i].name);
	free(m->objects);
	hash_free(&m->by_name);
	free(m);
}

void
meter_begin(struct meter *m, struct usec received)
{
	m->received = received;
	m->last_at = NULL;
}

void
meter_restart(struct meter *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct object *o = &m->objects[i];

		o->octets = o->packets = o->discards = (struct rate_counter){ 0 };
		o->rate = o->delay = o->loss = o->oper = (struct gauge){ 0 };
		o->sent = o->dropped = 0;
	}
}

const struct meter_counters *
meter_counters(const struct meter *m)
{
	return &m->count;
}

size_t
meter_memory(const struct meter *m)
{
	size_t sum = sizeof(*m) + m->cap * sizeof(*m->objects) +
		     (m->by_name.slots ? (m->by_name.mask + 1) * sizeof(*m->by_name.slots) : 0);

	for (size_t i = 0; i < m->n; i++)
		sum += m->objects[i].len + 1u;
	return sum;
}

static void
tell(const struct meter *m, struct meter_reading reading)
{
	reading.received = m->received;
	m->fn(m->ctx, &reading);
}

/* --- objects --- */

static bool
make_name(const struct gnmi_sample *s, char *out, size_t *len)
{
	size_t n = 0;

	for (unsigned i = 0; i < s->leaf->n_slots; i++) {
		if (n + s->names[i].len + 1 > METER_NAME_MAX || s->names[i].len == 0 ||
		    memchr(s->names[i].at, '\0', s->names[i].len))
			return false;
		if (i > 0)
			out[n++] = ' ';
		memcpy(out + n, s->names[i].at, s->names[i].len);
		n += s->names[i].len;
	}
	*len = n;
	return true;
}

static uint32_t
add_object(struct meter *m, const char *name, size_t len, unsigned slots)
{
	struct object *o;

	if (m->n >= m->limits.objects) {
		m->count.too_many_objects++;
		return HASH_NONE;
	}
	if (array_reserve(&m->objects, &m->cap, m->n + 1, sizeof(*m->objects), NULL))
		return HASH_NONE;
	o = &m->objects[m->n];
	*o = (struct object){ .name = malloc(len + 1), .len = (uint16_t)len };
	if (!o->name)
		return HASH_NONE;
	memcpy(o->name, name, len);
	o->name[len] = '\0';
	if (hash_add(&m->by_name, (uint32_t)m->n, NULL)) {
		free(o->name);
		return HASH_NONE;
	}
	m->n++;
	tell(m, (struct meter_reading){ .kind = READING_OBJECT,
					.object = (uint32_t)m->n - 1,
					.name = o->name,
					.policy = slots == 2,
					.flow = slots == 3 });
	return (uint32_t)m->n - 1;
}

static uint32_t
object_of(struct meter *m, const struct gnmi_sample *s)
{
	char name[METER_NAME_MAX + 1];
	const void *key = s->names[0].at;
	size_t len = s->names[0].len;
	bool composed = s->leaf->n_slots > 1;
	uint32_t found;

	if (!composed && key == m->last_at && len == m->last_len)
		return m->last_object;
	if (composed) {
		if (!make_name(s, name, &len)) {
			m->count.bad_names++;
			return HASH_NONE;
		}
		key = name;
	}
	found = len > 0 && len <= METER_NAME_MAX ? hash_find(&m->by_name, key, len) : HASH_NONE;
	if (found == HASH_NONE) {
		if (!composed && !make_name(s, name, &len)) {
			m->count.bad_names++;
			return HASH_NONE;
		}
		found = add_object(m, name, len, s->leaf->n_slots);
	}
	if (!composed) {
		m->last_at = s->names[0].at;
		m->last_len = s->names[0].len;
		m->last_object = found;
	}
	return found;
}

/* --- numbers --- */

/* A number that is no counter: told when it changed, or an interval passed; a change at once only
 * where that matters. */
static void
take_gauge(struct meter *m, uint32_t object, struct gauge *g, enum meter_reading_kind kind,
	   uint64_t number)
{
	bool early = g->known && m->received.v - g->at.v < m->limits.rate.least_us;

	if (early && (number == g->number || kind != READING_OPER)) {
		m->count.held_back++;
		return;
	}
	tell(m, (struct meter_reading){ .kind = kind,
					.object = object,
					.number = number,
					.duration_us =
					    g->known ? m->received.v - g->at.v : USEC_PER_S });
	*g = (struct gauge){ true, number, m->received };
}

/* A counter; true if an interval ended. */
static bool
take_counter(struct meter *m, struct rate_counter *c, const struct gnmi_sample *s, uint64_t value,
	     const struct rate_limits *limits, struct rate_interval *out)
{
	enum rate_verdict verdict =
	    rate_sample(c, value, s->timestamp_ns, m->received, limits, out);

	m->count.verdicts[verdict]++;
	if (verdict != RATE_GOOD)
		return false;
	m->count.wraps += out->wrapped;
	m->count.clock_set += out->clock_set;
	return true;
}

static void
take_octets(struct meter *m, uint32_t object, const struct gnmi_sample *s, uint64_t value)
{
	struct rate_interval i;

	if (take_counter(m, &m->objects[object].octets, s, value, &m->limits.rate, &i))
		tell(m, (struct meter_reading){
			    .kind = READING_RATE,
			    .object = object,
			    .number = rate_per_second(i.delta, i.duration_us, 8),
			    .duration_us = i.duration_us,
			});
}

/* Per 1000 s, because flows may be small. */
static void
take_flow(struct meter *m, uint32_t object, const struct gnmi_sample *s, uint64_t value)
{
	struct rate_limits limits = { .least_us = m->limits.rate.least_us };
	struct rate_interval i;

	if (take_counter(m, &m->objects[object].packets, s, value, &limits, &i))
		tell(m, (struct meter_reading){
			    .kind = READING_RATE,
			    .object = object,
			    .number = rate_per_second(i.delta, i.duration_us, 1000),
			    .duration_us = i.duration_us,
			});
}

/* Loss is what was discarded of what was to be sent, from two counters that come apart. */
static void
take_packets(struct meter *m, uint32_t object, const struct gnmi_sample *s, uint64_t value)
{
	struct object *o = &m->objects[object];
	bool discards = s->leaf->meaning == MEANING_OUT_DISCARDS;
	struct rate_limits limits = { .least_us = m->limits.rate.least_us };
	struct rate_interval i;
	uint64_t all;

	if (!take_counter(m, discards ? &o->discards : &o->packets, s, value, &limits, &i))
		return;
	if (discards)
		o->dropped += i.delta;
	else
		o->sent += i.delta;
	/* Packets close the account; discards alone say nothing of a share. */
	if (discards || !o->discards.known)
		return;
	all = o->sent + o->dropped;
	if (all > 0)
		tell(m, (struct meter_reading){
			    .kind = READING_LOSS,
			    .object = object,
			    .number = (uint64_t)((unsigned __int128)o->dropped * 1000000000u / all),
			    .duration_us = i.duration_us,
			});
	o->sent = o->dropped = 0;
}

static void
take_number(struct meter *m, uint32_t object, const struct gnmi_sample *s)
{
	struct object *o = &m->objects[object];
	uint64_t value;

	if (!gnmi_value_count(s->value, s->leaf->multiplier, s->leaf->divisor, &value)) {
		m->count.not_numbers++;
		return;
	}
	switch (s->leaf->meaning) {
	case MEANING_OUT_OCTETS:
	case MEANING_POLICY_OCTETS:
		take_octets(m, object, s, value);
		return;
	case MEANING_FLOW_PACKETS:
		take_flow(m, object, s, value);
		return;
	case MEANING_OUT_PACKETS:
	case MEANING_OUT_DISCARDS:
		take_packets(m, object, s, value);
		return;
	case MEANING_OUT_RATE:
	case MEANING_POLICY_RATE:
		take_gauge(m, object, &o->rate, READING_RATE, value);
		return;
	case MEANING_DELAY:
		take_gauge(m, object, &o->delay, READING_DELAY,
			   value > DELAY_MAX_US ? DELAY_MAX_US : value);
		return;
	case MEANING_LOSS:
		take_gauge(m, object, &o->loss, READING_LOSS,
			   value > 1000000000u ? 1000000000u : value);
		return;
	case MEANING_IF_INDEX:
		if (!o->index.known || o->index.number != value)
			take_gauge(m, object, &o->index, READING_INDEX, value);
		return;
	default: /* what came in is told by the router at the other end */
		return;
	}
}

static bool
is_word(struct wire_slice text, const char *word)
{
	size_t len = strlen(word);

	if (text.len != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text.at[i];

		if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != word[i])
			return false;
	}
	return true;
}

static void
take_oper(struct meter *m, uint32_t object, const struct gnmi_sample *s)
{
	struct wire_slice text;

	if (!gnmi_value_text(s->value, &text)) {
		m->count.not_numbers++;
		return;
	}
	take_gauge(m, object, &m->objects[object].oper, READING_OPER, is_word(text, "up"));
}

static void
take_address(struct meter *m, uint32_t object, const struct gnmi_sample *s)
{
	struct meter_reading reading = { .kind = READING_ADDRESS, .object = object };
	struct wire_slice text;
	char copy[IP_TEXT];

	if (!gnmi_value_text(s->value, &text) || text.len >= sizeof(copy)) {
		m->count.not_numbers++;
		return;
	}
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	if (ip_parse(copy, &reading.address, NULL))
		m->count.not_numbers++;
	else
		tell(m, reading);
}

/* What was deleted is not measured any more; the object keeps its number. */
static void
take_deleted(struct meter *m, uint32_t object, enum telemetry_meaning meaning)
{
	struct object *o = &m->objects[object];

	if (meaning != MEANING_OUT_OCTETS && meaning != MEANING_POLICY_OCTETS &&
	    meaning != MEANING_OPER_STATUS && meaning != MEANING_FLOW_PACKETS)
		return;
	o->octets = o->packets = (struct rate_counter){ 0 };
	o->oper = (struct gauge){ 0 };
	tell(m, (struct meter_reading){ .kind = READING_GONE, .object = object });
}

void
meter_sample(void *ctx, const struct gnmi_sample *s)
{
	struct meter *m = ctx;
	uint32_t object = object_of(m, s);

	m->count.samples++;
	if (object == HASH_NONE)
		return;
	if (!s->value)
		take_deleted(m, object, s->leaf->meaning);
	else if (s->leaf->meaning == MEANING_OPER_STATUS)
		take_oper(m, object, s);
	else if (s->leaf->meaning == MEANING_ADDRESS)
		take_address(m, object, s);
	else
		take_number(m, object, s);
}
