#include "southbound/gnmi/transaction.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/gnmi/code.h"
#include "southbound/gnmi/gather.h"

enum step {
	IDLE, /* no phase runs */
	LOOK, /* what is there before? */
	SET,
	READ_BACK, /* the Set was answered well: is it there? */
	PROBE, /* it was not: is it there? */
	SURVEY, /* CANCEL: what of it is there? */
	UNDO, /* the inverse Set */
	CHECK /* is it gone? */
};

struct gnmi_transaction {
	struct gnmi_transaction_setup setup;
	const struct deploy_transaction *deploy;
	struct arena memory; /* edits and paths */
	struct gnmi_edit *edits;
	size_t n_edits;
	const char **paths; /* all that edits and their inverse write; sorted, each once */
	size_t n_paths;
	unsigned char *standing; /* of each change, as last read */
	struct deploy_change *undo; /* the changes to take back */
	size_t n_undo;
	enum deploy_phase phase;
	enum step step;
	bool asked; /* a call is to be made */
	struct gnmi_request request;
	struct arena asking; /* its octets */
	struct gnmi_gather gather;
	bool unclear; /* nobody knows what came of the Set */
	bool prepared; /* by this object */
	bool stop;
	int64_t changed_ns;
	struct usec now;
	struct pce_error fault; /* of the phase; status PCE_OK: none */
	struct deploy_result result;
	bool finished;
};

/* --- making --- */

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every path that the changes or their inverse write. */
static enum pce_status
note_paths(struct gnmi_transaction *t, const struct gnmi_edit *inverse, size_t n_inverse,
	   struct pce_error *err)
{
	size_t n = 0;

	t->paths = arena_alloc(&t->memory, (t->n_edits + n_inverse + 1) * sizeof(*t->paths));
	if (!t->paths)
		return pce_no_memory(err);
	for (size_t i = 0; i < t->n_edits; i++)
		t->paths[n++] = t->edits[i].path;
	for (size_t i = 0; i < n_inverse; i++)
		t->paths[n++] = inverse[i].path;
	qsort(t->paths, n, sizeof(*t->paths), by_text);
	for (size_t i = 0; i < n; i++)
		if (t->n_paths == 0 || strcmp(t->paths[t->n_paths - 1], t->paths[i]) != 0)
			t->paths[t->n_paths++] = t->paths[i];
	return PCE_OK;
}

static enum pce_status
prepare_edits(struct gnmi_transaction *t, struct pce_error *err)
{
	const struct gnmi_payload *p = t->setup.payload;
	const struct deploy_change *changes = t->deploy->changes;
	size_t n = t->deploy->n_changes, n_inverse = 0;
	struct gnmi_edit *inverse = NULL;
	enum pce_status status;

	t->standing = arena_alloc(&t->memory, n + 1);
	t->undo = arena_alloc(&t->memory, (n + 1) * sizeof(*t->undo));
	if (!t->standing || !t->undo)
		return pce_no_memory(err);
	status = p->edits(p->ctx, changes, n, false, &t->memory, &t->edits, &t->n_edits, err);
	if (status == PCE_OK)
		status = p->edits(p->ctx, changes, n, true, &t->memory, &inverse, &n_inverse, err);
	if (status == PCE_OK)
		status = note_paths(t, inverse, n_inverse, err);
	return status;
}

enum pce_status
gnmi_transaction_new(const struct gnmi_transaction_setup *setup,
		     const struct deploy_transaction *deploy, struct gnmi_transaction **out,
		     struct pce_error *err)
{
	struct gnmi_transaction *t = calloc(1, sizeof(*t));
	enum pce_status status;

	if (!t)
		return pce_no_memory(err);
	t->setup = *setup;
	t->deploy = deploy;
	status = prepare_edits(t, err);
	if (status) {
		gnmi_transaction_free(t);
		return pce_prefix(err, status, "router %s", setup->device);
	}
	*out = t;
	return PCE_OK;
}

void
gnmi_transaction_free(struct gnmi_transaction *t)
{
	if (!t)
		return;
	gnmi_gather_free(&t->gather);
	arena_free(&t->asking);
	arena_free(&t->memory);
	free(t);
}

/* --- the end of a phase --- */

static void
finish(struct gnmi_transaction *t)
{
	struct deploy_result *r = &t->result;

	gnmi_gather_free(&t->gather);
	arena_free(&t->asking);
	t->step = IDLE;
	t->asked = false;
	t->finished = true;
	r->id = t->deploy->id;
	r->phase = t->phase;
	r->status = t->fault.status;
	r->text = t->fault.status ? t->fault.text : NULL;
	r->retry = t->fault.status == PCE_CONFLICT || t->fault.status == PCE_TIMEOUT ||
		   t->fault.status == PCE_UNREACHABLE || t->fault.status == PCE_NO_MEMORY;
	r->times.done = t->now;
}

/* Keeps the first fault of a phase, named after the router. */
static void
note_fault(struct gnmi_transaction *t, const struct pce_error *why)
{
	if (t->fault.status != PCE_OK)
		return;
	t->fault = *why;
	pce_prefix(&t->fault, why->status, "router %s", t->setup.device);
}

/* Nothing more can be found out, or done about it. */
static void
give_up(struct gnmi_transaction *t, const struct pce_error *why)
{
	note_fault(t, why);
	t->result.unknown = true;
	finish(t);
}

/* --- asking --- */

/* What a fault of Karst's own (memory) means depends on whether anything was sent. */
static void
own_fault(struct gnmi_transaction *t, const struct pce_error *why)
{
	note_fault(t, why);
	t->result.unknown = t->step != LOOK && t->step != SET && t->step != SURVEY;
	finish(t);
}

static void
ask_get(struct gnmi_transaction *t)
{
	struct pce_error err = { 0 };

	arena_free(&t->asking);
	t->request.set = false;
	if (gnmi_gather_ask(&t->gather, &t->asking, &t->request.bytes, &t->request.len, &err))
		own_fault(t, &err);
	else
		t->asked = true;
}

static void
go_get(struct gnmi_transaction *t, enum step step)
{
	t->step = step;
	gnmi_gather_begin(&t->gather, &t->setup.naming, true, t->paths, t->n_paths);
	ask_get(t);
}

static void
go_set(struct gnmi_transaction *t, enum step step)
{
	const struct gnmi_payload *p = t->setup.payload;
	struct gnmi_edit *edits = t->edits;
	size_t n = t->n_edits;
	struct pce_error err = { 0 };
	enum pce_status status = PCE_OK;

	if (t->step == LOOK || t->step == SURVEY)
		t->result.times.locked = t->now;
	arena_free(&t->asking);
	t->request.set = true;
	if (step == UNDO)
		status = p->edits(p->ctx, t->undo, t->n_undo, true, &t->asking, &edits, &n, &err);
	if (status == PCE_OK)
		status = gnmi_set_request(&t->setup.naming, edits, n, &t->asking, &t->request.bytes,
					  &t->request.len, &err);
	if (status) {
		own_fault(t, &err);
		return;
	}
	t->step = step;
	t->asked = true;
}

/* --- what was read --- */

static enum pce_status
complain(const struct gnmi_transaction *t, size_t i, enum pce_status status, const char *before,
	 const char *after, struct pce_error *err)
{
	const struct srpolicy *policy = t->deploy->changes[i].policy;
	char endpoint[IP_TEXT];

	return pce_fail(err, status, "%spolicy %u to %s %s", before, policy->color,
			ip_print(&policy->endpoint, endpoint), after);
}

/* True if all changes, or none, stand so. */
static bool
all_stand(const struct gnmi_transaction *t, unsigned char how)
{
	for (size_t i = 0; i < t->deploy->n_changes; i++)
		if (!(t->standing[i] & how))
			return false;
	return true;
}

/* Chooses what has to be taken back: what is neither as before nor somebody else's. */
static void
choose_undo(struct gnmi_transaction *t, bool only_ours)
{
	t->n_undo = 0;
	for (size_t i = 0; i < t->deploy->n_changes; i++) {
		unsigned char how = t->standing[i];

		if ((how & GNMI_HOLDS_BEFORE) || (how & GNMI_HOLDS_FOREIGN) ||
		    (only_ours && !(how & GNMI_HOLDS_AFTER)))
			continue;
		t->undo[t->n_undo++] = t->deploy->changes[i];
	}
}

static void
undo(struct gnmi_transaction *t, bool only_ours)
{
	choose_undo(t, only_ours);
	if (t->n_undo > 0)
		go_set(t, UNDO);
	else
		finish(t);
}

/* Before the Set: is it ours to change, and is the inverse that was stored one? */
static void
looked(struct gnmi_transaction *t)
{
	struct pce_error why = { 0 };

	for (size_t i = 0; i < t->deploy->n_changes && why.status == PCE_OK; i++) {
		if (t->standing[i] & GNMI_HOLDS_FOREIGN)
			complain(t, i, PCE_EXISTS, "", "is there already and is not Karst's", &why);
		else if (!(t->standing[i] & GNMI_HOLDS_BEFORE))
			complain(t, i, PCE_CONFLICT, "", "has changed since it was last read",
				 &why);
	}
	if (why.status == PCE_CONFLICT) {
		give_up(t, &why); /* it is read anew: nothing was sent */
	} else if (why.status) {
		note_fault(t, &why);
		finish(t);
	} else {
		go_set(t, SET);
	}
}

static void
done(struct gnmi_transaction *t)
{
	t->prepared = true;
	t->fault = (struct pce_error){ 0 };
	t->result.unknown = false;
	t->result.times.read_back = t->now;
	if (t->result.times.committed.v == 0)
		t->result.times.committed = t->now;
	finish(t);
}

static void
read_back(struct gnmi_transaction *t)
{
	struct pce_error why = { 0 };

	for (size_t i = 0; i < t->deploy->n_changes && why.status == PCE_OK; i++)
		if (!(t->standing[i] & GNMI_HOLDS_AFTER))
			complain(t, i, PCE_UNSUPPORTED, "it accepted the change, but ",
				 "is not what was asked for", &why);
	if (why.status == PCE_OK) {
		done(t);
		return;
	}
	note_fault(t, &why);
	undo(t, false);
}

static void
probed(struct gnmi_transaction *t)
{
	if (all_stand(t, GNMI_HOLDS_BEFORE)) {
		t->result.unknown = t->unclear; /* it may still come */
		finish(t);
	} else if (t->unclear && all_stand(t, GNMI_HOLDS_AFTER)) {
		done(t);
	} else {
		undo(t, false);
	}
}

static void
checked(struct gnmi_transaction *t)
{
	struct pce_error why = { 0 };

	for (size_t i = 0; i < t->n_undo && why.status == PCE_OK; i++) {
		size_t k = 0;

		while (srpolicy_compare(t->deploy->changes[k].policy, t->undo[i].policy) != 0)
			k++;
		if (!(t->standing[k] & GNMI_HOLDS_BEFORE))
			complain(t, k, PCE_UNSUPPORTED, "it accepted the inverse, but ",
				 "is not as before", &why);
	}
	if (why.status) {
		give_up(t, &why);
		return;
	}
	t->result.times.read_back = t->now;
	finish(t);
}

/* All that was asked for is there. */
static void
gathered(struct gnmi_transaction *t)
{
	const struct gnmi_payload *p = t->setup.payload;
	struct pce_error err = { 0 };
	enum pce_status status = p->look(p->ctx, t->deploy->changes, t->deploy->n_changes,
					 t->gather.pieces, t->gather.n_pieces, t->standing, &err);

	gnmi_gather_free(&t->gather);
	if (status) {
		own_fault(t, &err);
		return;
	}
	switch (t->step) {
	case LOOK:
		looked(t);
		break;
	case READ_BACK:
		read_back(t);
		break;
	case PROBE:
		probed(t);
		break;
	case SURVEY:
		undo(t, true);
		break;
	case CHECK:
		checked(t);
		break;
	case IDLE:
	case SET:
	case UNDO:
		break;
	}
}

/* --- replies --- */

static void
get_answered(struct gnmi_transaction *t, const struct gnmi_reply *reply)
{
	struct pce_error err = { 0 };

	if (gnmi_gather_take(&t->gather, reply->code, reply->text, reply->bytes, reply->len, &err))
		own_fault(t, &err);
	else if (gnmi_gather_is_done(&t->gather))
		gathered(t);
	else
		ask_get(t);
}

static void
set_answered(struct gnmi_transaction *t, const struct gnmi_reply *reply)
{
	struct pce_error err = { 0 };
	enum pce_status status = gnmi_code_explain(reply->code, reply->text, "Set", &err);

	t->unclear = status != PCE_OK && gnmi_code_is_unclear(reply->code);
	if (status == PCE_OK && gnmi_set_read(reply->bytes, reply->len, &t->changed_ns, &err)) {
		status = err.status;
		t->unclear = true;
	}
	if (t->step == UNDO && status) {
		give_up(t, &err);
	} else if (t->step == UNDO) {
		t->result.times.committed = t->now;
		go_get(t, CHECK);
	} else if (status) {
		note_fault(t, &err);
		go_get(t, PROBE);
	} else {
		t->result.times.edited = t->result.times.committed = t->now;
		go_get(t, READ_BACK);
	}
}

void
gnmi_transaction_reply(struct gnmi_transaction *t, const struct gnmi_reply *reply, struct usec now)
{
	struct pce_error stopped = { 0 };

	if (t->step == IDLE)
		return;
	t->now = now;
	if (t->stop && t->phase == DEPLOY_PREPARE && t->step == LOOK) {
		pce_fail(&stopped, PCE_CONFLICT, "the change was cancelled before it was made");
		note_fault(t, &stopped);
		finish(t);
	} else if (t->step == SET || t->step == UNDO) {
		set_answered(t, reply);
	} else {
		get_answered(t, reply);
	}
}

bool
gnmi_transaction_next(struct gnmi_transaction *t, struct gnmi_request *out)
{
	if (!t->asked)
		return false;
	t->asked = false;
	*out = t->request;
	return true;
}

/* --- phases --- */

void
gnmi_transaction_stop(struct gnmi_transaction *t)
{
	t->stop = true;
}

enum pce_status
gnmi_transaction_run(struct gnmi_transaction *t, enum deploy_phase phase, struct usec now,
		     struct pce_error *err)
{
	if (t->step != IDLE)
		return pce_fail(err, PCE_CONFLICT,
				"router %s: a phase of transaction %" PRIu64 " is still running",
				t->setup.device, t->deploy->id);
	t->now = now;
	t->phase = phase;
	t->finished = t->stop = t->unclear = false;
	t->fault = (struct pce_error){ 0 };
	t->result = (struct deploy_result){ .times.started = now };
	if (phase == DEPLOY_PREPARE) {
		t->prepared = false;
		go_get(t, LOOK);
	} else if (phase == DEPLOY_CANCEL) {
		go_get(t, SURVEY);
	} else {
		/* Final since PREPARE; who was not there for it has to read the router. */
		t->result.unknown = !t->prepared;
		finish(t);
	}
	return PCE_OK;
}

bool
gnmi_transaction_result(struct gnmi_transaction *t, struct deploy_result *out)
{
	if (!t->finished)
		return false;
	t->finished = false;
	*out = t->result;
	return true;
}

int64_t
gnmi_transaction_changed_ns(const struct gnmi_transaction *t)
{
	return t->changed_ns;
}

bool
gnmi_transaction_covers(const struct gnmi_transaction *t, const char *path)
{
	for (size_t i = 0; i < t->n_paths; i++) {
		size_t len = strlen(t->paths[i]);

		if (strncmp(path, t->paths[i], len) == 0 && (path[len] == '\0' || path[len] == '/'))
			return true;
	}
	return false;
}
