#include "config.h"

#include "southbound/gnmi/path.h"

#include <string.h>

struct scan {
	const char *start, *at;
	char *to; /* room for everything, in the arena */
	struct arena *arena;
	struct pce_error *err;
};

static enum pce_status
refuse(const struct scan *s, const char *why)
{
	return pce_fail(s->err, PCE_INVALID, "path \"%s\", octet %zu: %s", s->start,
			(size_t)(s->at - s->start) + 1, why);
}

/* Takes a word up to one of the stops, without its backslashes. */
static enum pce_status
take_word(struct scan *s, const char *stops, const char **out)
{
	*out = s->to;
	for (; *s->at && !strchr(stops, *s->at); s->at++) {
		if (*s->at == '\\' && !*++s->at)
			return refuse(s, "a backslash has nothing behind it");
		*s->to++ = *s->at;
	}
	*s->to++ = '\0';
	return PCE_OK;
}

/* Puts a key into its place by name. */
static enum pce_status
add_key(const struct scan *s, struct gnmi_path_elem *elem, struct gnmi_path_key key)
{
	size_t at = elem->n_keys;

	if (elem->n_keys == GNMI_ELEM_KEYS)
		return pce_fail(s->err, PCE_LIMIT, "element %s has more than %d keys", elem->name,
				GNMI_ELEM_KEYS);
	for (; at > 0 && strcmp(elem->keys[at - 1].name, key.name) >= 0; at--) {
		if (strcmp(elem->keys[at - 1].name, key.name) == 0)
			return pce_fail(s->err, PCE_INVALID, "element %s has key %s twice",
					elem->name, key.name);
		elem->keys[at] = elem->keys[at - 1];
	}
	elem->keys[at] = key;
	elem->n_keys++;
	return PCE_OK;
}

static enum pce_status
take_key(struct scan *s, struct gnmi_path_elem *elem)
{
	struct gnmi_path_key key;
	enum pce_status status;

	s->at++;
	status = take_word(s, "=[]/", &key.name);
	if (status)
		return status;
	if (*s->at != '=' || !*key.name)
		return refuse(s, "a key is [NAME=VALUE]");
	s->at++;
	status = take_word(s, "]", &key.value);
	if (status)
		return status;
	if (*s->at != ']')
		return refuse(s, "a key is not closed by ]");
	s->at++;
	return add_key(s, elem, key);
}

static enum pce_status
take_elem(struct scan *s, struct gnmi_path *path)
{
	struct gnmi_path_elem *elem = &path->elems[path->n_elems];
	enum pce_status status;

	if (path->n_elems == GNMI_PATH_ELEMS)
		return pce_fail(s->err, PCE_LIMIT, "path \"%s\" has more than %d elements",
				s->start, GNMI_PATH_ELEMS);
	status = take_word(s, "/[]", &elem->name);
	if (status)
		return status;
	if (!*elem->name)
		return refuse(s, "an element has no name");
	elem->keys = arena_alloc(s->arena, GNMI_ELEM_KEYS * sizeof(*elem->keys));
	if (!elem->keys)
		return pce_no_memory(s->err);
	while (status == PCE_OK && *s->at == '[')
		status = take_key(s, elem);
	if (status)
		return status;
	if (*s->at && *s->at != '/')
		return refuse(s, "an element ends with / or a key");
	path->n_elems++;
	return PCE_OK;
}

/* "openconfig:/…": a colon before the first slash. */
static enum pce_status
take_origin(struct scan *s, struct gnmi_path *path)
{
	const char *p = s->at;

	path->origin = "";
	for (; *p && *p != '/' && *p != '[' && *p != ':'; p++)
		if (*p == '\\' && p[1])
			p++;
	if (*p != ':')
		return PCE_OK;
	if (p == s->at)
		return refuse(s, "the origin is empty");
	if (take_word(s, ":", &path->origin))
		return PCE_INVALID;
	s->at++;
	return PCE_OK;
}

enum pce_status
gnmi_path_parse(const char *text, struct arena *arena, struct gnmi_path *out, struct pce_error *err)
{
	size_t len = strnlen(text, GNMI_PATH_TEXT + 1);
	struct scan s = { text, text, NULL, arena, err };
	struct gnmi_path path = { 0 };
	enum pce_status status;

	if (len > GNMI_PATH_TEXT)
		return pce_fail(err, PCE_LIMIT, "a path has more than %d octets", GNMI_PATH_TEXT);
	s.to = arena_alloc(arena, 2 * len + 2);
	path.elems = arena_alloc(arena, GNMI_PATH_ELEMS * sizeof(*path.elems));
	if (!s.to || !path.elems)
		return pce_no_memory(err);
	status = take_origin(&s, &path);
	if (status == PCE_OK && *s.at == '/')
		s.at++;
	while (status == PCE_OK && *s.at) {
		status = take_elem(&s, &path);
		if (status == PCE_OK && *s.at == '/' && !*++s.at)
			status = refuse(&s, "the path ends with /");
	}
	if (status == PCE_OK)
		*out = path;
	return status;
}

static void
print_word(const char *word, const char *special, struct text *out)
{
	for (; *word; word++) {
		if (*word == '\\' || strchr(special, *word))
			text_bytes(out, "\\", 1);
		text_bytes(out, word, 1);
	}
}

void
gnmi_path_print(const struct gnmi_path *path, struct text *out)
{
	if (*path->origin) {
		print_word(path->origin, "/[:", out);
		text_add(out, ":");
	}
	if (path->n_elems == 0)
		text_add(out, "/");
	for (size_t i = 0; i < path->n_elems; i++) {
		const struct gnmi_path_elem *elem = &path->elems[i];

		text_add(out, "/");
		print_word(elem->name, "/[]", out);
		for (size_t k = 0; k < elem->n_keys; k++) {
			text_add(out, "[");
			print_word(elem->keys[k].name, "=[]/", out);
			text_add(out, "=");
			print_word(elem->keys[k].value, "]", out);
			text_add(out, "]");
		}
	}
}

/* --- messages --- */

/* Generated structs have no const; nothing is written through them. */
static char *
loose(const char *text, struct arena *arena)
{
	return arena_strdup(arena, text);
}

static Gnmi__PathElem *
elem_message(const struct gnmi_path_elem *elem, struct arena *arena)
{
	Gnmi__PathElem *m = arena_alloc(arena, sizeof(*m));
	Gnmi__PathElem__KeyEntry **keys = arena_alloc(arena, (elem->n_keys + 1) * sizeof(*keys));

	if (!m || !keys)
		return NULL;
	gnmi__path_elem__init(m);
	m->name = loose(elem->name, arena);
	m->n_key = elem->n_keys;
	m->key = keys;
	for (size_t i = 0; i < elem->n_keys; i++) {
		keys[i] = arena_alloc(arena, sizeof(*keys[i]));
		if (!keys[i])
			return NULL;
		gnmi__path_elem__key_entry__init(keys[i]);
		keys[i]->key = loose(elem->keys[i].name, arena);
		keys[i]->value = loose(elem->keys[i].value, arena);
		if (!keys[i]->key || !keys[i]->value)
			return NULL;
	}
	return m->name ? m : NULL;
}

Gnmi__Path *
gnmi_path_message(const struct gnmi_path *path, const char *target, struct arena *arena)
{
	Gnmi__Path *m = arena_alloc(arena, sizeof(*m));
	Gnmi__PathElem **elems = arena_alloc(arena, (path->n_elems + 1) * sizeof(*elems));

	if (!m || !elems)
		return NULL;
	gnmi__path__init(m);
	m->origin = loose(path->origin, arena);
	m->target = loose(target ? target : "", arena);
	m->n_elem = path->n_elems;
	m->elem = elems;
	if (!m->origin || !m->target)
		return NULL;
	for (size_t i = 0; i < path->n_elems; i++) {
		elems[i] = elem_message(&path->elems[i], arena);
		if (!elems[i])
			return NULL;
	}
	return m;
}

static enum pce_status
read_elem(const Gnmi__PathElem *from, struct scan *s, struct gnmi_path_elem *out)
{
	enum pce_status status = PCE_OK;

	out->name = arena_strdup(s->arena, from->name);
	out->keys = arena_alloc(s->arena, GNMI_ELEM_KEYS * sizeof(*out->keys));
	if (!out->name || !out->keys)
		return pce_no_memory(s->err);
	for (size_t i = 0; i < from->n_key && status == PCE_OK; i++) {
		struct gnmi_path_key key = { arena_strdup(s->arena, from->key[i]->key),
					     arena_strdup(s->arena, from->key[i]->value) };

		status = key.name && key.value ? add_key(s, out, key) : pce_no_memory(s->err);
	}
	return status;
}

enum pce_status
gnmi_path_of(const Gnmi__Path *message, struct arena *arena, struct gnmi_path *out,
	     struct pce_error *err)
{
	struct scan s = { "", "", NULL, arena, err };
	size_t n = message->n_elem > 0 ? message->n_elem : message->n_element;
	struct gnmi_path path = { .origin = arena_strdup(arena, message->origin) };
	enum pce_status status = PCE_OK;

	if (n > GNMI_PATH_ELEMS)
		return pce_fail(err, PCE_LIMIT, "a path has more than %d elements",
				GNMI_PATH_ELEMS);
	path.elems = arena_alloc(arena, (n + 1) * sizeof(*path.elems));
	if (!path.origin || !path.elems)
		return pce_no_memory(err);
	for (; path.n_elems < n && status == PCE_OK; path.n_elems++) {
		struct gnmi_path_elem *elem = &path.elems[path.n_elems];

		if (message->n_elem > 0)
			status = read_elem(message->elem[path.n_elems], &s, elem);
		else if (!(elem->name = arena_strdup(arena, message->element[path.n_elems])))
			status = pce_no_memory(err);
	}
	if (status == PCE_OK)
		*out = path;
	return status;
}
