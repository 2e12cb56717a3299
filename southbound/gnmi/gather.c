#include "southbound/gnmi/gather.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "southbound/gnmi/code.h"

void
gnmi_gather_free(struct gnmi_gather *g)
{
	arena_free(&g->memory);
	free(g->pieces);
	*g = (struct gnmi_gather){ 0 };
}

void
gnmi_gather_begin(struct gnmi_gather *g, const struct gnmi_naming *naming, bool configuration,
		  const char *const *paths, size_t n)
{
	gnmi_gather_free(g);
	g->naming = *naming;
	g->configuration = configuration;
	g->paths = paths;
	g->n = n;
	g->chunk = GNMI_GATHER_CHUNK;
}

bool
gnmi_gather_is_done(const struct gnmi_gather *g)
{
	return g->at == g->n;
}

enum pce_status
gnmi_gather_ask(struct gnmi_gather *g, struct arena *arena, const uint8_t **out, size_t *len,
		struct pce_error *err)
{
	size_t left = g->n - g->at;

	g->asked = left < g->chunk ? left : g->chunk;
	return gnmi_get_request(&g->naming, g->paths + g->at, g->asked, g->configuration, arena,
				out, len, err);
}

static enum pce_status
keep(struct gnmi_gather *g, const uint8_t *bytes, size_t len, struct pce_error *err)
{
	struct gnmi_piece *pieces = NULL;
	size_t n = 0;
	enum pce_status status;

	g->octets += len;
	if (g->octets > GNMI_GATHER_MAX)
		return pce_fail(err, PCE_LIMIT, "its answers have over %zu octets",
				GNMI_GATHER_MAX);
	status = gnmi_get_read(bytes, len, &g->memory, &pieces, &n, err);
	if (status == PCE_OK)
		status = array_reserve(&g->pieces, &g->cap_pieces, g->n_pieces + n + 1,
				       sizeof(*g->pieces), err);
	if (status)
		return status;
	if (n > 0)
		memcpy(g->pieces + g->n_pieces, pieces, n * sizeof(*pieces));
	g->n_pieces += n;
	return PCE_OK;
}

enum pce_status
gnmi_gather_take(struct gnmi_gather *g, int code, const char *text, const uint8_t *bytes,
		 size_t len, struct pce_error *err)
{
	bool halve = (code == GNMI_NOT_FOUND || code == GNMI_RESOURCE_EXHAUSTED) && g->asked > 1;
	enum pce_status status;

	if (halve) {
		g->chunk = g->asked / 2;
		return PCE_OK;
	}
	if (code == GNMI_NOT_FOUND) { /* it was asked for alone: nothing is there */
		g->at++;
		return PCE_OK;
	}
	status = gnmi_code_explain(code, text, "Get", err);
	if (status == PCE_OK)
		status = keep(g, bytes, len, err);
	if (status == PCE_OK)
		g->at += g->asked;
	return status;
}
