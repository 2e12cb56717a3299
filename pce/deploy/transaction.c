/* Deep copy of a transaction, for drivers that keep it while it runs. */
#include "pce/deploy/transaction.h"

#include "pce/policy/copy.h"

struct deploy_transaction *
deploy_transaction_copy(struct arena *arena, const struct deploy_transaction *transaction)
{
	struct copier c = { arena, false };
	struct deploy_transaction *out = copy_items(&c, transaction, 1, sizeof(*transaction));
	struct deploy_change *changes;

	if (!out)
		return NULL;
	out->device = copy_text(&c, transaction->device);
	out->persist_id = copy_text(&c, transaction->persist_id);
	changes = copy_items(&c, transaction->changes, transaction->n_changes, sizeof(*changes));
	for (size_t i = 0; changes && !c.bad && i < transaction->n_changes; i++) {
		const struct deploy_change *change = &transaction->changes[i];

		changes[i].policy = change->policy ? srpolicy_copy(arena, change->policy) : NULL;
		changes[i].before = change->before ? srpolicy_copy(arena, change->before) : NULL;
		if ((change->policy && !changes[i].policy) ||
		    (change->before && !changes[i].before))
			c.bad = true;
	}
	out->changes = changes;
	return c.bad ? NULL : out;
}
