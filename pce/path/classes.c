#include "pce/path/classes.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES_MAX (1u << (32 - ARC_FLAG_BITS))

/* A class is a text: the number of affinity words, the words, the slices. */
struct graph_classes {
	atomic_uint holders;
	struct intern texts;
};

enum pce_status
graph_classes_new(struct graph_classes **out, struct pce_error *err)
{
	struct graph_classes *c = calloc(1, sizeof(*c));

	if (!c)
		return pce_no_memory(err);
	atomic_init(&c->holders, 1);
	intern_init(&c->texts);
	*out = c;
	return PCE_OK;
}

struct graph_classes *
graph_classes_hold(struct graph_classes *c)
{
	atomic_fetch_add_explicit(&c->holders, 1, memory_order_relaxed);
	return c;
}

void
graph_classes_free(struct graph_classes *c)
{
	if (!c || atomic_fetch_sub_explicit(&c->holders, 1, memory_order_acq_rel) != 1)
		return;
	intern_free(&c->texts);
	free(c);
}

static enum pce_status
copy(const struct graph_classes *from, struct graph_classes **out, struct pce_error *err)
{
	struct graph_classes *c = NULL;
	enum pce_status status = graph_classes_new(&c, err);
	uint32_t number;

	if (status)
		return status;
	for (size_t i = 0; !status && i < from->texts.n; i++)
		status = intern_add(&c->texts, from->texts.entries[i].bytes,
				    from->texts.entries[i].len, &number, err);
	if (status)
		graph_classes_free(c);
	else
		*out = c;
	return status;
}

/* Bytes that the text of a class takes. */
static size_t
text_size(const struct ted_link_row *row, uint32_t *words)
{
	size_t size;

	*words = (uint32_t)row->n_affinity;
	while (*words > 0 && row->affinity[*words - 1] == 0)
		--*words;
	size = (*words + 1) * sizeof(*words);
	for (size_t i = 0; i < row->n_slices; i++)
		size += strlen(row->slices[i]) + 1;
	return size;
}

static void
spell(const struct ted_link_row *row, uint32_t words, uint8_t *out)
{
	memcpy(out, &words, sizeof(words));
	out += sizeof(words);
	if (words > 0)
		memcpy(out, row->affinity, words * sizeof(words));
	out += words * sizeof(words);
	for (size_t i = 0; i < row->n_slices; i++) {
		size_t len = strlen(row->slices[i]) + 1;

		memcpy(out, row->slices[i], len);
		out += len;
	}
}

static enum pce_status
add(struct graph_classes **c, const uint8_t *text, size_t size, uint32_t *out,
    struct pce_error *err)
{
	struct graph_classes *own = *c;
	enum pce_status status = PCE_OK;

	*out = intern_find(&own->texts, text, size);
	if (*out != HASH_NONE)
		return PCE_OK;
	if (own->texts.n >= CLASSES_MAX)
		return pce_fail(err, PCE_LIMIT, "more than %u classes of links are too many",
				CLASSES_MAX - 1);
	if (atomic_load_explicit(&own->holders, memory_order_acquire) > 1) {
		status = copy(*c, &own, err);
		if (status)
			return status;
		graph_classes_free(*c);
		*c = own;
	}
	return intern_add(&own->texts, text, size, out, err);
}

enum pce_status
graph_class_of(struct graph_classes **c, const struct ted_link_row *row, uint32_t *out,
	       struct pce_error *err)
{
	uint8_t small[256], *text = small;
	uint32_t words;
	size_t size = text_size(row, &words);
	enum pce_status status;

	if (size > sizeof(small))
		text = malloc(size);
	if (!text)
		return pce_no_memory(err);
	spell(row, words, text);
	status = add(c, text, size, out, err);
	if (text != small)
		free(text);
	return status;
}

size_t
graph_classes_count(const struct graph_classes *c)
{
	return c->texts.n;
}

const uint32_t *
graph_class_affinity(const struct graph_classes *c, uint32_t class, size_t *n_words)
{
	const uint32_t *words = c->texts.entries[class].bytes;

	*n_words = words[0];
	return words + 1;
}

const char *
graph_class_slices(const struct graph_classes *c, uint32_t class, size_t *len)
{
	const uint32_t *words = c->texts.entries[class].bytes;

	*len = c->texts.entries[class].len - (words[0] + 1) * sizeof(*words);
	return (const char *)(words + 1 + words[0]);
}
