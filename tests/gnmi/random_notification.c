#include "tests/gnmi/random_notification.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pce/base/text.h"

static char *
copy(struct arena *arena, const char *text)
{
	return arena_strdup(arena, text);
}

static Gnmi__PathElem *
elem(struct arena *arena, const char *name)
{
	Gnmi__PathElem *e = arena_alloc(arena, sizeof(*e));

	gnmi__path_elem__init(e);
	e->name = copy(arena, name);
	e->key = arena_alloc(arena, 4 * sizeof(*e->key));
	return e;
}

static void
key(struct arena *arena, Gnmi__PathElem *e, const char *name, const char *value)
{
	Gnmi__PathElem__KeyEntry *k = arena_alloc(arena, sizeof(*k));

	gnmi__path_elem__key_entry__init(k);
	k->key = copy(arena, name);
	k->value = copy(arena, value);
	e->key[e->n_key++] = k;
}

/* A path under construction. */
struct way {
	struct arena *arena;
	Gnmi__PathElem *elems[8];
	size_t n;
};

static Gnmi__PathElem *
step(struct way *way, const char *name)
{
	return way->elems[way->n++] = elem(way->arena, name);
}

/* Elements from..n as a Path; deprecated: as strings. */
static Gnmi__Path *
path_of(struct way *way, size_t from, size_t to, bool deprecated)
{
	Gnmi__Path *p = arena_alloc(way->arena, sizeof(*p));

	gnmi__path__init(p);
	p->elem = arena_alloc(way->arena, 8 * sizeof(*p->elem));
	p->element = arena_alloc(way->arena, 24 * sizeof(*p->element));
	for (size_t i = from; i < to; i++) {
		if (!deprecated) {
			p->elem[p->n_elem++] = way->elems[i];
			continue;
		}
		p->element[p->n_element++] = way->elems[i]->name;
		for (size_t k = 0; k < way->elems[i]->n_key; k++)
			p->element[p->n_element++] = way->elems[i]->key[k]->value;
	}
	return p;
}

static const char *
word(struct arena *arena, const char *before, unsigned number)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%u", before, number);
	return copy(arena, text);
}

/* A number in one of the ways in which it may be sent. */
static Gnmi__TypedValue *
number_value(uint64_t *random, struct arena *arena, uint64_t number)
{
	Gnmi__TypedValue *v = arena_alloc(arena, sizeof(*v));
	char text[32];

	gnmi__typed_value__init(v);
	snprintf(text, sizeof(text), "\"%" PRIu64 "\"", number);
	switch (suite_below(random, 4)) {
	case 0:
		v->value_case = GNMI__TYPED_VALUE__VALUE_UINT_VAL;
		v->uint_val = number;
		break;
	case 1:
		v->value_case = GNMI__TYPED_VALUE__VALUE_INT_VAL;
		v->int_val = (int64_t)number;
		break;
	case 2:
		v->value_case = GNMI__TYPED_VALUE__VALUE_JSON_IETF_VAL;
		v->json_ietf_val.data = (uint8_t *)copy(arena, text);
		v->json_ietf_val.len = strlen(text);
		break;
	default:
		v->value_case = GNMI__TYPED_VALUE__VALUE_JSON_VAL;
		v->json_val.data = (uint8_t *)copy(arena, text) + 1;
		v->json_val.len = strlen(text) - 2;
		break;
	}
	return v;
}

static void
expect(struct made *out, enum telemetry_meaning meaning, const char *first, const char *second,
       uint64_t number)
{
	out->expected[out->n_expected++] =
	    (struct expected){ meaning, { first, second }, number, NULL, false };
}

static Gnmi__TypedValue *
json_value(struct arena *arena, struct text *json)
{
	Gnmi__TypedValue *v = arena_alloc(arena, sizeof(*v));

	gnmi__typed_value__init(v);
	v->value_case = GNMI__TYPED_VALUE__VALUE_JSON_IETF_VAL;
	v->json_ietf_val.data = arena_copy(arena, json->at, json->len);
	v->json_ietf_val.len = json->len;
	text_free(json);
	return v;
}

/* A whole list of interfaces as JSON, with things that mean nothing in between. */
static Gnmi__TypedValue *
subtree(uint64_t *random, struct arena *arena, struct made *out)
{
	struct text json = { 0 };
	unsigned n = suite_below(random, 4);

	text_add(&json, "{\"openconfig-interfaces:interface\": [");
	for (unsigned i = 0; i < n; i++) {
		const char *name = word(arena, "Eth1/", suite_below(random, 1000));
		uint64_t octets = suite_random(random) >> 1;
		bool first = suite_below(random, 2) == 0;
		const char *slash = strchr(name, '/');

		text_printf(&json, "%s{", i ? "," : "");
		if (first)
			text_printf(&json, "\"name\":\"%s\",", name);
		text_printf(&json,
			    "\"config\":{\"mtu\":1500,\"x\":[[1],{\"a\":null}]},\"state\":{"
			    "\"oper-status\":\"UP\",\"counters\":{\"out-octets\":\"%" PRIu64
			    "\",\"in-odd\":true}}",
			    octets);
		if (!first) /* the keys come last, and escaped */
			text_printf(&json, ",\"name\":\"%.*s\\/%s\"", (int)(slash - name), name,
				    slash + 1);
		text_add(&json, "}");
		expect(out, MEANING_OUT_OCTETS, name, NULL, octets);
		out->expected[out->n_expected++] =
		    (struct expected){ MEANING_OPER_STATUS, { name, NULL }, 0, "UP", false };
	}
	text_add(&json, "]}");
	return json_value(arena, &json);
}

/* The way to a random leaf, with what it means. */
static void
random_leaf(uint64_t *random, struct way *way, struct made *out, uint64_t number)
{
	struct arena *arena = way->arena;
	const char *name = word(arena, "eth", suite_below(random, 100)), *color, *endpoint;
	Gnmi__PathElem *e;

	switch (suite_below(random, 4)) {
	case 0:
		step(way, "interfaces");
		key(arena, step(way, "interface"), "name", name);
		step(way, "state");
		step(way, "counters");
		step(way, "out-octets");
		expect(out, MEANING_OUT_OCTETS, name, NULL, number);
		return;
	case 1:
		step(way, "telemetry");
		key(arena, step(way, "interface"), "name", name);
		step(way, "delay-us");
		expect(out, MEANING_DELAY, name, NULL, number);
		return;
	case 2:
		color = word(arena, "", suite_below(random, 1000));
		endpoint = word(arena, "2001:db8::", suite_below(random, 100));
		step(way, "telemetry");
		e = step(way, "policy");
		key(arena, e, "color", color);
		key(arena, e, "endpoint", endpoint);
		step(way, "out-octets");
		expect(out, MEANING_POLICY_OCTETS, color, endpoint, number);
		return;
	default: /* means nothing */
		step(way, "interfaces");
		key(arena, step(way, "interface"), "name", name);
		step(way, suite_below(random, 2) ? "state" : "unknown");
		step(way, "out-octets");
		return;
	}
}

static Gnmi__Update *
leaf_update(uint64_t *random, struct arena *arena, struct way *prefix, size_t keep,
	    struct made *out)
{
	Gnmi__Update *u = arena_alloc(arena, sizeof(*u));
	uint64_t number = suite_random(random) >> (1 + suite_below(random, 60));
	struct way way = { .arena = arena };
	size_t before = out->n_expected, common = 0;

	gnmi__update__init(u);
	random_leaf(random, &way, out, number);
	/* Only leaves below the prefix can be sent: others are thrown away. */
	while (common < keep && common < way.n &&
	       strcmp(prefix->elems[common]->name, way.elems[common]->name) == 0 &&
	       way.elems[common]->n_key == 0)
		common++;
	if (common < keep) {
		out->n_expected = before;
		return NULL;
	}
	u->path = path_of(&way, keep, way.n, suite_below(random, 4) == 0);
	u->val = number_value(random, arena, number);
	return u;
}

static Gnmi__Update *
subtree_update(uint64_t *random, struct arena *arena, size_t keep, struct made *out)
{
	Gnmi__Update *u = arena_alloc(arena, sizeof(*u));
	struct way way = { .arena = arena };

	gnmi__update__init(u);
	step(&way, "interfaces");
	u->path = path_of(&way, keep, 1, false);
	u->val = subtree(random, arena, out);
	return u;
}

void
make_notification(uint64_t *random, struct arena *arena, struct made *out)
{
	Gnmi__SubscribeResponse response = GNMI__SUBSCRIBE_RESPONSE__INIT;
	Gnmi__Notification n = GNMI__NOTIFICATION__INIT;
	Gnmi__Update *updates[16];
	struct way prefix = { .arena = arena };
	size_t keep = suite_below(random, 2), tries = suite_below(random, 12);

	*out = (struct made){ .timestamp_ns = (int64_t)(suite_random(random) >> 2) };
	step(&prefix, "interfaces");
	n.timestamp = out->timestamp_ns;
	n.update = updates;
	if (keep > 0)
		n.prefix = path_of(&prefix, 0, keep, false);
	for (size_t i = 0; i < tries; i++) {
		Gnmi__Update *u = suite_below(random, 6) == 0
				      ? subtree_update(random, arena, keep, out)
				      : leaf_update(random, arena, &prefix, keep, out);

		if (u)
			updates[n.n_update++] = u;
	}
	response.response_case = GNMI__SUBSCRIBE_RESPONSE__RESPONSE_UPDATE;
	response.update = &n;
	out->len = gnmi__subscribe_response__get_packed_size(&response);
	out->bytes = arena_alloc(arena, out->len + 1);
	gnmi__subscribe_response__pack(&response, out->bytes);
}
