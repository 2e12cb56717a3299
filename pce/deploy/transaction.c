/* Deep copy of a transaction, for drivers that keep it while it runs. */
#include "pce/deploy/transaction.h"

#include "pce/policy/copy.h"

static const struct deploy_change *
copy_changes(struct copier *c, const struct deploy_change *from, size_t n)
{
	struct deploy_change *changes = copy_items(c, from, n, sizeof(*changes));

	for (size_t i = 0; changes && !c->bad && i < n; i++) {
		changes[i].policy = from[i].policy ? srpolicy_copy(c->arena, from[i].policy) : NULL;
		changes[i].before = from[i].before ? srpolicy_copy(c->arena, from[i].before) : NULL;
		if ((from[i].policy && !changes[i].policy) ||
		    (from[i].before && !changes[i].before))
			c->bad = true;
	}
	return changes;
}

struct deploy_transaction *
deploy_transaction_copy(struct arena *arena, const struct deploy_transaction *transaction)
{
	struct copier c = { arena, false };
	struct deploy_transaction *out = copy_items(&c, transaction, 1, sizeof(*transaction));

	if (!out)
		return NULL;
	out->device = copy_text(&c, transaction->device);
	out->persist_id = copy_text(&c, transaction->persist_id);
	out->changes = copy_changes(&c, transaction->changes, transaction->n_changes);
	return c.bad ? NULL : out;
}

struct transaction_record *
transaction_record_copy(struct arena *arena, const struct transaction_record *record)
{
	struct copier c = { arena, false };
	struct transaction_record *out = copy_items(&c, record, 1, sizeof(*record));

	if (!out)
		return NULL;
	out->device = copy_text(&c, record->device);
	out->persist_id = copy_text(&c, record->persist_id);
	out->policy_ids = copy_texts(&c, record->policy_ids, record->n_policy_ids);
	out->changes = copy_changes(&c, record->changes, record->n_changes);
	return c.bad ? NULL : out;
}
