#include "southbound/gnmi/payload.h"

static enum pce_status
edits(void *ctx, const struct deploy_change *changes, size_t n, bool inverse, struct arena *arena,
      struct gnmi_edit **out, size_t *n_out, struct pce_error *err)
{
	const struct gnmi_device_payload *p = ctx;
	struct profile_update *updates = NULL;
	struct gnmi_edit *made;
	size_t n_updates = 0;
	enum pce_status status = profile_set(p->profile, &p->scope, changes, n, inverse, arena,
					     &updates, &n_updates, err);

	if (status)
		return status;
	made = arena_alloc(arena, (n_updates + 1) * sizeof(*made));
	if (!made)
		return pce_no_memory(err);
	for (size_t i = 0; i < n_updates; i++)
		made[i] = (struct gnmi_edit){ updates[i].path, updates[i].json };
	*out = made;
	*n_out = n_updates;
	return PCE_OK;
}

/* What a router holds by its answers; configuration and state may stand in one. */
static enum pce_status
understand(const struct gnmi_device_payload *p, const struct gnmi_piece *pieces, size_t n,
	   bool state, struct arena *arena, struct profile_held *out, struct pce_error *err)
{
	struct data_tree tree = { 0 };
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && status == PCE_OK; i++)
		status = data_read_json(&tree, pieces[i].path, pieces[i].json, pieces[i].len, err);
	if (status == PCE_OK)
		status = profile_read(p->profile, &p->scope, &tree, state ? &tree : NULL, arena,
				      out, err);
	data_free(&tree);
	return status;
}

static unsigned char
stand(const struct gnmi_device_payload *p, const struct deploy_change *change,
      const struct profile_held *held)
{
	unsigned how = 0;

	if (profile_verify(change, 1, true, held, NULL) == PCE_OK)
		how |= GNMI_HOLDS_BEFORE;
	if (profile_verify(change, 1, false, held, NULL) == PCE_OK)
		how |= GNMI_HOLDS_AFTER;
	if (profile_owned(&p->owner, change, 1, held, NULL) != PCE_OK)
		how |= GNMI_HOLDS_FOREIGN;
	return (unsigned char)how;
}

static enum pce_status
look(void *ctx, const struct deploy_change *changes, size_t n, const struct gnmi_piece *pieces,
     size_t n_pieces, unsigned char *standing, struct pce_error *err)
{
	const struct gnmi_device_payload *p = ctx;
	struct profile_held held = { 0 };
	struct arena arena = { 0 };
	enum pce_status status = understand(p, pieces, n_pieces, false, &arena, &held, err);

	for (size_t i = 0; i < n && status == PCE_OK; i++)
		standing[i] = stand(p, &changes[i], &held);
	arena_free(&arena);
	return status;
}

void
gnmi_device_payload_init(struct gnmi_device_payload *p, const struct profile *profile,
			 const struct profile_owner *owner, const char *headend)
{
	*p = (struct gnmi_device_payload){
		{ p, edits, look },
		profile,
		*owner,
		{ owner->name_prefix, headend },
	};
}

enum pce_status
gnmi_payload_state(const struct gnmi_device_payload *p, const struct gnmi_piece *pieces, size_t n,
		   struct arena *arena, struct device_state *out, struct pce_error *err)
{
	struct profile_held held = { 0 };
	enum pce_status status = understand(p, pieces, n, true, arena, &held, err);

	return status == PCE_OK ? profile_sort(&p->owner, &held, arena, out, err) : status;
}
