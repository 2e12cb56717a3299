/*
 * Topologies in. The schema has checked each value by itself; what ties objects together is checked
 * here with indexes of names (libyang's own checks of references cost the product of both lists'
 * lengths). Affinities and SRLGs come first, so that names have their numbers, then nodes, then
 * what belongs to nodes, then links, and last the pairs of links.
 */
#include <stdlib.h>
#include <string.h>

#include "models/codec/topology_internal.h"
#include "pce/base/array.h"

#define SRLG_INVENTED 0x80000000u /* numbers for names without one lie from here on */
#define AFFINITY_BITS 1024

struct ted_delta *
topology_add(struct topology_reader *r, enum ted_object object)
{
	struct ted_delta *delta;

	if (array_reserve(&r->out->deltas, &r->cap, r->out->n + 1, sizeof(*delta), r->err) !=
	    PCE_OK)
		return NULL;
	delta = &r->out->deltas[r->out->n++];
	memset(delta, 0, sizeof(*delta));
	delta->object = object;
	delta->op = TED_SET;
	return delta;
}

static enum pce_status
add_number(struct topology_reader *r, enum ted_object object, uint32_t number, const char *name,
	   uint64_t unavailability_ppt)
{
	struct ted_delta *delta = topology_add(r, object);
	const char *copy = name ? arena_strdup(r->arena, name) : NULL;

	if (!delta || (name && !copy))
		return pce_no_memory(r->err);
	delta->key.number = number;
	delta->attr.srlg.name = copy;
	delta->attr.srlg.unavailability_ppt = unavailability_ppt;
	return PCE_OK;
}

/* Notes a number that was given to a name. */
static enum pce_status
invent(struct topology_reader *r, bool affinity, const char *name, uint32_t number)
{
	struct topology_invented *list = &r->invented[affinity];
	const char *copy = arena_strdup(r->arena, name);

	if (!copy ||
	    array_reserve(&list->names, &list->cap_names, list->n + 1, sizeof(char *), r->err) ||
	    array_reserve(&list->numbers, &list->cap_numbers, list->n + 1, sizeof(uint32_t),
			  r->err))
		return pce_no_memory(r->err);
	list->names[list->n] = copy;
	list->numbers[list->n++] = number;
	return PCE_OK;
}

/* A number for an SRLG that has only a name: the same in every file, unless two names meet. */
static uint32_t
invent_srlg(const struct topology_reader *r, const char *name)
{
	uint32_t number = SRLG_INVENTED | (uint32_t)hash_bytes(name, strlen(name), 0);

	while (numberset_taken(&r->srlgs, number))
		number = SRLG_INVENTED | (number + 1);
	return number;
}

static enum pce_status
srlg_of(struct topology_reader *r, const char *text, uint32_t *out)
{
	enum pce_status status;

	if (number_of_text(text, out))
		return PCE_OK;
	*out = numberset_find(&r->srlgs, text);
	if (*out != HASH_NONE)
		return PCE_OK;
	*out = invent_srlg(r, text);
	status = invent(r, false, text, *out);
	if (status == PCE_OK)
		status = numberset_bind(&r->srlgs, text, *out, r->err);
	return status == PCE_OK ? add_number(r, TED_OBJECT_SRLG, *out, text, 0) : status;
}

enum pce_status
topology_srlgs(struct topology_reader *r, const struct lyd_node *node, const uint32_t **out,
	       size_t *n)
{
	size_t count = read_count(node, "srlg"), used = 0;
	uint32_t *numbers = count ? arena_alloc(r->arena, count * sizeof(*numbers)) : NULL;
	const struct lyd_node *child;
	enum pce_status status = count && !numbers ? pce_no_memory(r->err) : PCE_OK;

	LY_LIST_FOR(count ? lyd_child(node) : NULL, child)
	{
		size_t i = 0;

		if (status != PCE_OK || strcmp(read_name(child), "srlg") != 0)
			continue;
		status = srlg_of(r, lyd_get_value(child), &numbers[used]);
		while (numbers[i] != numbers[used])
			i++;
		used += i == used; /* its name and its number are one group */
	}
	*out = numbers;
	*n = used;
	return status;
}

static enum pce_status
affinity_of(struct topology_reader *r, const struct lyd_node *leaf, uint32_t *out)
{
	const char *text = lyd_get_value(leaf);
	uint32_t bit = 0;
	enum pce_status status;

	if (number_of_text(text, out)) {
		if (*out >= AFFINITY_BITS)
			return document_fail(r->doc, leaf, NULL, PCE_INVALID, r->err,
					     "affinity %s: bits end at %d", text,
					     AFFINITY_BITS - 1);
		return PCE_OK;
	}
	*out = numberset_find(&r->affinities, text);
	if (*out != HASH_NONE)
		return PCE_OK;
	while (bit < AFFINITY_BITS && numberset_taken(&r->affinities, bit))
		bit++;
	if (bit == AFFINITY_BITS)
		return document_fail(r->doc, leaf, NULL, PCE_LIMIT, r->err,
				     "affinity %s: all %d bits are taken", text, AFFINITY_BITS);
	*out = bit;
	status = invent(r, true, text, bit);
	if (status == PCE_OK)
		status = numberset_bind(&r->affinities, text, bit, r->err);
	return status == PCE_OK ? add_number(r, TED_OBJECT_AFFINITY, bit, text, 0) : status;
}

enum pce_status
topology_affinities(struct topology_reader *r, const struct lyd_node *node, const char *leaf,
		    const uint32_t **out, size_t *n)
{
	uint32_t words[AFFINITY_BITS / 32] = { 0 }, bit;
	const struct lyd_node *child;
	enum pce_status status;

	*n = 0;
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (strcmp(read_name(child), leaf) != 0)
			continue;
		status = affinity_of(r, child, &bit);
		if (status != PCE_OK)
			return status;
		words[bit / 32] |= 1u << (bit % 32);
		if (bit / 32 + 1 > *n)
			*n = bit / 32 + 1;
	}
	*out = arena_copy(r->arena, words, *n ? *n * sizeof(words[0]) : 1);
	return *out ? PCE_OK : pce_no_memory(r->err);
}

/* Takes the bits that one leaf-list names by number. */
static enum pce_status
take_bits_of(struct topology_reader *r, const struct lyd_node *node, const char *leaf)
{
	const struct lyd_node *child;
	enum pce_status status = PCE_OK;
	uint32_t bit;

	LY_LIST_FOR(lyd_child(node), child)
	{
		if (status == PCE_OK && strcmp(read_name(child), leaf) == 0 &&
		    number_of_text(lyd_get_value(child), &bit))
			status = numberset_bind(&r->affinities, NULL, bit, r->err);
	}
	return status;
}

/* The same of the definitions of flexible algorithms of a node. */
static enum pce_status
take_bits_of_fads(struct topology_reader *r, const struct lyd_node *node)
{
	const struct lyd_node *fad;
	enum pce_status status = PCE_OK;

	LY_LIST_FOR(lyd_child(node), fad)
	{
		if (strcmp(read_name(fad), "flex-algo") != 0)
			continue;
		if (status == PCE_OK)
			status = take_bits_of(r, fad, "exclude-any");
		if (status == PCE_OK)
			status = take_bits_of(r, fad, "include-any");
		if (status == PCE_OK)
			status = take_bits_of(r, fad, "include-all");
	}
	return status;
}

/* Bits that links and definitions name by number are taken: no name without a bit may get them. */
static enum pce_status
take_bits(struct topology_reader *r, const struct lyd_node *top)
{
	const struct lyd_node *entry;
	enum pce_status status = PCE_OK;

	LY_LIST_FOR(lyd_child(top), entry)
	{
		if (status == PCE_OK && strcmp(read_name(entry), "link") == 0)
			status = take_bits_of(r, entry, "affinity");
		if (status == PCE_OK && strcmp(read_name(entry), "node") == 0)
			status = take_bits_of_fads(r, entry);
	}
	return status;
}

static enum pce_status
read_affinity(struct topology_reader *r, const struct lyd_node *node)
{
	const char *name = read_text(node, "name");
	uint32_t bit = (uint32_t)read_u64(node, "bit", 0), bound, digits;
	enum pce_status status;

	if (number_of_text(name, &digits))
		return document_fail(r->doc, node, "name", PCE_INVALID, r->err,
				     "affinity %s: a name of digits would mean the bit", name);
	bound = numberset_find(&r->affinities, name);
	if (bound != HASH_NONE && bound != bit)
		return document_fail(r->doc, node, "bit", PCE_INVALID, r->err,
				     "affinity %s is bit %u in the configuration and %u here", name,
				     bound, bit);
	status = numberset_bind(&r->affinities, name, bit, r->err);
	if (status != PCE_OK && status != PCE_EXISTS)
		return status;
	return add_number(r, TED_OBJECT_AFFINITY, bit, name, 0);
}

static enum pce_status
read_srlg(struct topology_reader *r, const struct lyd_node *node)
{
	const char *name = read_text(node, "name");
	const struct lyd_node *leaf = read_child(node, "availability");
	const struct lyd_node *number_leaf = read_child(node, "number");
	uint32_t number, digits;
	bool plain = number_of_text(name, &digits);
	enum pce_status status;

	if (number_leaf)
		number = (uint32_t)read_number(number_leaf);
	else
		number = plain ? digits : invent_srlg(r, name);
	if (plain && digits != number)
		return document_fail(r->doc, node, "name", PCE_INVALID, r->err,
				     "SRLG %s: a name of digits would mean another number", name);
	status = number_leaf || plain ? PCE_OK : invent(r, false, name, number);
	if (status != PCE_OK)
		return status;
	status = numberset_bind(&r->srlgs, plain ? NULL : name, number, r->err);
	if (status != PCE_OK)
		return status;
	return add_number(r, TED_OBJECT_SRLG, number, plain ? NULL : name,
			  leaf ? read_unavailability(leaf) : 0);
}

/* A site's number is made of its name; if two names have one number the second takes the next free
 * one. */
static enum pce_status
read_site(struct topology_reader *r, const struct lyd_node *node)
{
	const char *name = read_text(node, "name");
	const struct lyd_node *leaf = read_child(node, "availability");
	uint32_t number = ted_site_number(name);
	enum pce_status status;

	while (numberset_taken(&r->sites, number))
		number++;
	status = numberset_bind(&r->sites, name, number, r->err);
	if (status != PCE_OK)
		return status;
	return add_number(r, TED_OBJECT_SITE, number, name, leaf ? read_unavailability(leaf) : 0);
}

/* Numbers that the file gives go before those that are invented. */
static enum pce_status
take_srlg_numbers(struct topology_reader *r, const struct lyd_node *top)
{
	const struct lyd_node *node, *number;
	enum pce_status status = PCE_OK;

	LY_LIST_FOR(lyd_child(top), node)
	{
		if (status != PCE_OK || strcmp(read_name(node), "srlg") != 0)
			continue;
		number = read_child(node, "number");
		if (number)
			status =
			    numberset_bind(&r->srlgs, NULL, (uint32_t)read_number(number), r->err);
	}
	return status;
}

enum pce_status
topology_msds(struct topology_reader *r, const struct lyd_node *node, const struct ted_msd **out,
	      size_t *n)
{
	static const struct {
		const char *name;
		uint8_t type;
	} types[] = { { "max-segments-left", TED_MSD_SEGMENTS_LEFT },
		      { "max-end-pop", TED_MSD_END_POP },
		      { "max-h-encaps", TED_MSD_H_ENCAPS },
		      { "max-end-d", TED_MSD_END_D } };
	size_t count = read_count(node, "msd"), i = 0;
	struct ted_msd *msd = count ? arena_alloc(r->arena, count * sizeof(*msd)) : NULL;
	const struct lyd_node *child;

	if (count && !msd)
		return pce_no_memory(r->err);
	LY_LIST_FOR(count ? lyd_child(node) : NULL, child)
	{
		const char *type = read_text(child, "type");

		if (strcmp(read_name(child), "msd") != 0)
			continue;
		msd[i].type = (uint8_t)strtoul(type, NULL, 10);
		for (size_t j = 0; j < sizeof(types) / sizeof(types[0]); j++) {
			if (strcmp(types[j].name, type) == 0)
				msd[i].type = types[j].type;
		}
		msd[i++].value = (uint8_t)read_u64(child, "value", 0);
	}
	*out = msd;
	*n = count;
	return PCE_OK;
}

enum pce_status
topology_sid(struct topology_reader *r, const struct lyd_node *entry, struct ted_sid *out)
{
	const struct lyd_node *structure = read_child(entry, "structure");
	struct ted_sid_structure *s = &out->structure;

	read_sid(read_child(entry, "sid"), out->sid);
	if (!behavior_read(entry, &out->behavior))
		return document_fail(r->doc, entry, "flavors", PCE_INVALID, r->err,
				     "SID %s: no behavior has these flavors",
				     read_text(entry, "sid"));
	out->flags = (uint8_t)read_u64(entry, "flags", 0);
	out->algorithm = (uint8_t)read_u64(entry, "algorithm", 0);
	out->weight = (uint8_t)read_u64(entry, "weight", 0);
	out->backup = read_bool(entry, "backup", false);
	s->block = (uint8_t)read_u64(structure, "block-length", 0);
	s->node = (uint8_t)read_u64(structure, "node-length", 0);
	s->function = (uint8_t)read_u64(structure, "function-length", 0);
	s->argument = (uint8_t)read_u64(structure, "argument-length", 0);
	if (s->block + s->node + s->function + s->argument > 128)
		return document_fail(r->doc, entry, "structure", PCE_INVALID, r->err,
				     "SID %s: the lengths of its parts make more than 128 bits",
				     read_text(entry, "sid"));
	return PCE_OK;
}

enum pce_status
topology_addresses(struct topology_reader *r, const struct lyd_node *node, const char *leaf,
		   struct ip_addr *v4, struct ip_addr *v6)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(node), child)
	{
		struct ip_addr addr = { 0 }, *to;

		if (strcmp(read_name(child), leaf) != 0)
			continue;
		(void)ip_parse(lyd_get_value(child), &addr, NULL);
		to = addr.family == IP_V4 ? v4 : v6;
		if (to->family != IP_NONE)
			return document_fail(r->doc, child, NULL, PCE_INVALID, r->err,
					     "%s %s: more than one %s of a family is given",
					     read_name(node), read_text(node, "name"), leaf);
		*to = addr;
	}
	return PCE_OK;
}

/* Calls read for each top-level list entry of that name. */
static enum pce_status
each(struct topology_reader *r, const struct lyd_node *top, const char *name,
     enum pce_status (*read)(struct topology_reader *, const struct lyd_node *))
{
	const struct lyd_node *node;
	enum pce_status status = PCE_OK;

	LY_LIST_FOR(lyd_child(top), node)
	{
		if (status == PCE_OK && strcmp(read_name(node), name) == 0)
			status = read(r, node);
	}
	return status;
}

static enum pce_status
bind_options(struct topology_reader *r, const struct codec_topology_options *options)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; options && status == PCE_OK && i < options->n_affinities; i++)
		status = numberset_bind(&r->affinities, options->affinities[i].name,
					options->affinities[i].bit, r->err);
	return status == PCE_EXISTS ? PCE_OK : status;
}

static enum pce_status
read_all(struct topology_reader *r, const struct lyd_node *top,
	 const struct codec_topology_options *options)
{
	enum pce_status status = bind_options(r, options);

	if (status == PCE_OK)
		status = each(r, top, "affinity", read_affinity);
	if (status == PCE_OK)
		status = take_bits(r, top);
	if (status == PCE_OK)
		status = take_srlg_numbers(r, top);
	if (status == PCE_OK)
		status = each(r, top, "srlg", read_srlg);
	if (status == PCE_OK)
		status = each(r, top, "site", read_site);
	if (status == PCE_OK)
		status = each(r, top, "node", topology_node);
	if (status == PCE_OK)
		status = each(r, top, "prefix", topology_prefix);
	if (status == PCE_OK)
		status = each(r, top, "typed-prefix", topology_prefix);
	if (status == PCE_OK)
		status = each(r, top, "link", topology_link);
	if (status == PCE_OK)
		status = topology_reverses(r);
	if (status == PCE_OK)
		status = topology_assume(r->out, r->invented, r->err);
	return status;
}

static void
reader_init(struct topology_reader *r)
{
	nameset_init(&r->nodes, r->arena);
	nameset_init(&r->node_ids, r->arena);
	nameset_init(&r->links, r->arena);
	nameset_init(&r->link_ids, r->arena);
	numberset_init(&r->affinities, r->arena);
	numberset_init(&r->srlgs, r->arena);
	numberset_init(&r->sites, r->arena);
}

static void
reader_free(struct topology_reader *r)
{
	nameset_free(&r->nodes);
	nameset_free(&r->node_ids);
	nameset_free(&r->links);
	nameset_free(&r->link_ids);
	numberset_free(&r->affinities);
	numberset_free(&r->srlgs);
	numberset_free(&r->sites);
	free(r->keys);
	free(r->link_nodes);
	for (size_t i = 0; i < 2; i++) {
		free(r->invented[i].names);
		free(r->invented[i].numbers);
	}
}

enum pce_status
codec_topology_read(const struct codec *codec, const char *text, size_t len,
		    const struct codec_topology_options *options, struct codec_topology *out,
		    struct pce_error *err)
{
	struct document doc = { 0 };
	struct codec_topology made = { 0 };
	struct topology_reader r = { .doc = &doc, .out = &made, .arena = &made.arena, .err = err };
	const struct lyd_node *top;
	enum pce_status status = document_parse(codec, text, len, true, &doc, err);

	if (status != PCE_OK)
		return status;
	reader_init(&r);
	LY_LIST_FOR(doc.tree, top)
	{
		if (strcmp(read_name(top), "topology") == 0)
			break;
	}
	status =
	    top ? read_all(&r, top, options)
		: pce_fail(err, PCE_INVALID, "there is no karst-topology:topology in the text");
	reader_free(&r);
	document_free(&doc);
	if (status == PCE_OK)
		*out = made;
	else
		codec_topology_free(&made);
	return status;
}

void
codec_topology_free(struct codec_topology *topology)
{
	free(topology->deltas);
	arena_free(&topology->arena);
	*topology = (struct codec_topology){ 0 };
}
