/* Options of a demand; see cli_demand.h. */
#include "config.h"

#include "northbound/cli/cli_demand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/units.h"

void
cli_demand_init(struct cli_demand *demand)
{
	*demand = (struct cli_demand){ .intent = intent_init() };
}

void
cli_demand_free(struct cli_demand *demand)
{
	arena_free(&demand->arena);
}

/* Appends one name to a list; the array before it stays in the arena until the end. */
static enum pce_status
append_name(struct cli_demand *demand, struct name_list *list, const char *name,
	    struct pce_error *err)
{
	const char **names;

	if (!name[0])
		return pce_fail(err, PCE_INVALID, "an empty name");
	names = arena_alloc(&demand->arena, (list->n + 1) * sizeof(names[0]));
	if (!names)
		return pce_no_memory(err);
	if (list->n)
		memcpy(names, list->names, list->n * sizeof(names[0]));
	names[list->n] = name;
	*list = (struct name_list){ names, list->n + 1 };
	return PCE_OK;
}

/* Appends the names that commas separate. */
static enum pce_status
append_names(struct cli_demand *demand, struct name_list *list, const char *value,
	     struct pce_error *err)
{
	char *copy = arena_strdup(&demand->arena, value);
	enum pce_status status = PCE_OK;

	if (!copy)
		return pce_no_memory(err);
	while (copy && status == PCE_OK)
		status = append_name(demand, list, strsep(&copy, ","), err);
	return status;
}

static enum pce_status
parse_count(const char *value, uint64_t *out, struct pce_error *err)
{
	char *end;

	errno = 0;
	unsigned long long number = strtoull(value, &end, 10);

	if (errno || *end || value[0] < '0' || value[0] > '9' || number > UINT32_MAX)
		return pce_fail(err, PCE_INVALID, "\"%s\" is not a number", value);
	*out = number;
	return PCE_OK;
}

/* As parse_count, for bounds where 0 can never be met. */
static enum pce_status
parse_bound(const char *value, uint64_t *out, struct pce_error *err)
{
	uint64_t number;
	enum pce_status status = parse_count(value, &number, err);

	if (status == PCE_OK && number == 0)
		status = pce_fail(err, PCE_INVALID, "0 can never be met");
	if (status == PCE_OK)
		*out = number;
	return status;
}

/* Place of value among names (n of them), or PCE_INVALID listing them. */
static enum pce_status
parse_choice(const char *value, const char *const *names, unsigned n, unsigned *out,
	     struct pce_error *err)
{
	char list[128] = "";

	for (unsigned i = 0; i < n; i++) {
		if (!strcmp(value, names[i])) {
			*out = i;
			return PCE_OK;
		}
		strncat(list, i ? ", " : "", sizeof(list) - strlen(list) - 1);
		strncat(list, names[i], sizeof(list) - strlen(list) - 1);
	}
	return pce_fail(err, PCE_INVALID, "\"%s\" is none of %s", value, list);
}

static enum pce_status
take_from(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct cli_demand *)into)->intent.from = value;
	return PCE_OK;
}

static enum pce_status
take_to(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct cli_demand *)into)->intent.to = value;
	return PCE_OK;
}

static enum pce_status
take_objective(void *into, const char *value, struct pce_error *err)
{
	static const char *const names[] = {
		[PATH_IGP] = "igp",
		[PATH_TE] = "te",
		[PATH_DELAY] = "delay",
		[PATH_BANDWIDTH] = "bandwidth",
		[PATH_AVAILABILITY] = "availability",
	};
	unsigned choice = 0;
	enum pce_status status = parse_choice(value, names, PATH_OBJECTIVE_COUNT, &choice, err);

	if (status == PCE_OK)
		((struct cli_demand *)into)->intent.objective = (enum path_objective)choice;
	return status;
}

static enum pce_status
take_disjoint(void *into, const char *value, struct pce_error *err)
{
	static const char *const names[] = { "link", "node", "srlg", "availability", "srlg-node" };
	static const enum path_disjoint kinds[] = { PATH_DISJOINT_LINK, PATH_DISJOINT_NODE,
						    PATH_DISJOINT_SRLG, PATH_DISJOINT_AVAILABILITY,
						    PATH_DISJOINT_SRLG_NODE };
	unsigned choice = 0;
	enum pce_status status = parse_choice(value, names, 5, &choice, err);

	if (status == PCE_OK)
		((struct cli_demand *)into)->intent.disjoint = kinds[choice];
	return status;
}

static enum pce_status
take_pair(void *into, const char *value, struct pce_error *err)
{
	static const char *const names[] = {
		[PATH_PAIR_TOTAL] = "total", [PATH_PAIR_MAXIMUM] = "maximum"
	};
	unsigned choice = 0;
	enum pce_status status = parse_choice(value, names, PATH_PAIR_COUNT, &choice, err);

	if (status == PCE_OK)
		((struct cli_demand *)into)->intent.pair = (enum path_pair)choice;
	return status;
}

static enum pce_status
take_forwarding(void *into, const char *value, struct pce_error *err)
{
	static const char *const names[] = { "strict", "loose" };
	unsigned choice = 0;
	enum pce_status status = parse_choice(value, names, 2, &choice, err);

	if (status == PCE_OK)
		((struct cli_demand *)into)->intent.loose = choice == 1;
	return status;
}

static enum pce_status
take_bandwidth(void *into, const char *value, struct pce_error *err)
{
	return units_parse_bps(value, &((struct cli_demand *)into)->intent.bandwidth_bps, err);
}

static enum pce_status
take_max_delay(void *into, const char *value, struct pce_error *err)
{
	uint64_t us;
	enum pce_status status = units_parse_us(value, &us, err);

	if (status == PCE_OK && us == 0)
		status = pce_fail(err, PCE_INVALID, "0 can never be met");
	if (status == PCE_OK)
		((struct cli_demand *)into)->intent.max_delay_us = us;
	return status;
}

static enum pce_status
take_max_hops(void *into, const char *value, struct pce_error *err)
{
	return parse_bound(value, &((struct cli_demand *)into)->intent.max_hops, err);
}

static enum pce_status
take_max_te(void *into, const char *value, struct pce_error *err)
{
	return parse_count(value, &((struct cli_demand *)into)->intent.max_te, err);
}

static enum pce_status
take_max_igp(void *into, const char *value, struct pce_error *err)
{
	return parse_count(value, &((struct cli_demand *)into)->intent.max_igp, err);
}

static enum pce_status
take_max_segments(void *into, const char *value, struct pce_error *err)
{
	return parse_bound(value, &((struct cli_demand *)into)->intent.max_sids, err);
}

static enum pce_status
take_slice(void *into, const char *value, struct pce_error *err)
{
	if (!value[0])
		return pce_fail(err, PCE_INVALID, "an empty name");
	((struct cli_demand *)into)->intent.slice = value;
	return PCE_OK;
}

static enum pce_status
take_include_any(void *into, const char *value, struct pce_error *err)
{
	return append_names(into, &((struct cli_demand *)into)->intent.include_any, value, err);
}

static enum pce_status
take_include_all(void *into, const char *value, struct pce_error *err)
{
	return append_names(into, &((struct cli_demand *)into)->intent.include_all, value, err);
}

static enum pce_status
take_exclude_any(void *into, const char *value, struct pce_error *err)
{
	return append_names(into, &((struct cli_demand *)into)->intent.exclude_any, value, err);
}

static enum pce_status
take_avoid_node(void *into, const char *value, struct pce_error *err)
{
	return append_name(into, &((struct cli_demand *)into)->intent.avoid_nodes, value, err);
}

static enum pce_status
take_avoid_link(void *into, const char *value, struct pce_error *err)
{
	return append_name(into, &((struct cli_demand *)into)->intent.avoid_links, value, err);
}

static enum pce_status
take_avoid_srlg(void *into, const char *value, struct pce_error *err)
{
	return append_name(into, &((struct cli_demand *)into)->intent.avoid_srlgs, value, err);
}

static enum pce_status
take_via(void *into, const char *value, struct pce_error *err)
{
	return append_name(into, &((struct cli_demand *)into)->intent.via, value, err);
}

static enum pce_status
take_via_service(void *into, const char *value, struct pce_error *err)
{
	return append_names(into, &((struct cli_demand *)into)->intent.via_services, value, err);
}

static enum pce_status
take_k(void *into, const char *value, struct pce_error *err)
{
	uint64_t k;
	enum pce_status status = parse_bound(value, &k, err);

	if (status == PCE_OK && k > 100000)
		status = pce_fail(err, PCE_INVALID, "more than 100000 paths are not computed");
	if (status == PCE_OK)
		((struct cli_demand *)into)->k = (uint32_t)k;
	return status;
}

static enum pce_status
take_diverse(void *into, const char *value, struct pce_error *err)
{
	(void)value;
	(void)err;
	((struct cli_demand *)into)->diverse = true;
	return PCE_OK;
}

static enum pce_status
take_co_routed(void *into, const char *value, struct pce_error *err)
{
	(void)value;
	(void)err;
	((struct cli_demand *)into)->intent.co_routed = true;
	return PCE_OK;
}

static enum pce_status
take_guarantee(void *into, const char *value, struct pce_error *err)
{
	uint64_t fails_ppt;
	enum pce_status status = units_parse_probability(value, &fails_ppt, err);

	if (status == PCE_OK && fails_ppt == PPT_ONE)
		status = pce_fail(err, PCE_INVALID, "0 asks for nothing");
	if (status == PCE_OK)
		((struct cli_demand *)into)->intent.guarantee =
		    (double)(PPT_ONE - fails_ppt) / (double)PPT_ONE;
	return status;
}

static enum pce_status
take_lists(void *into, const char *value, struct pce_error *err)
{
	uint64_t n;
	enum pce_status status = parse_count(value, &n, err);

	if (status == PCE_OK && (n < 1 || n > PATH_LISTS_MAX))
		status = pce_fail(err, PCE_INVALID, "1 to %d lists can share the traffic",
				  PATH_LISTS_MAX);
	if (status == PCE_OK)
		((struct cli_demand *)into)->intent.max_lists = (uint32_t)n;
	return status;
}

static enum pce_status
take_budget(void *into, const char *value, struct pce_error *err)
{
	return parse_bound(value, &((struct cli_demand *)into)->budget_labels, err);
}

struct cli_group
cli_demand_group(struct cli_demand *demand)
{
	static const struct cli_option options[] = {
		{ "from", 0, "NODE", "where the path begins: name or router id", take_from },
		{ "to", 0, "NODE", "where the path ends", take_to },
		{ "objective", 0, "NAME", "bandwidth, availability, delay, te or igp (default)",
		  take_objective },
		{ "bandwidth", 0, "RATE", "what every link must have left: 200M", take_bandwidth },
		{ "max-delay", 0, "TIME", "bound of the delay: 20ms", take_max_delay },
		{ "max-hops", 0, "N", "bound of the number of links", take_max_hops },
		{ "max-te", 0, "N", "bound of the sum of TE metrics", take_max_te },
		{ "max-igp", 0, "N", "bound of the sum of IGP metrics", take_max_igp },
		{ "max-segments", 0, "N", "bound of the number of SIDs", take_max_segments },
		{ "max-sids", 0, "N", "the same", take_max_segments },
		{ "forwarding", 0, "MODE",
		  "strict (default) or loose: any equal-cost way that fits", take_forwarding },
		{ "include-any", 0, "NAMES", "links must carry one of these affinities",
		  take_include_any },
		{ "include-all", 0, "NAMES", "links must carry all of these affinities",
		  take_include_all },
		{ "exclude-any", 0, "NAMES", "links must carry none of these affinities",
		  take_exclude_any },
		{ "avoid-node", 0, "NODE", "a node to avoid; may be repeated", take_avoid_node },
		{ "avoid-link", 0, "LINK", "a link, or A,B, to avoid; may be repeated",
		  take_avoid_link },
		{ "avoid-srlg", 0, "SRLG", "a shared risk to avoid, by number or name",
		  take_avoid_srlg },
		{ "disjoint", 0, "KIND", "two paths without a common link, node or srlg",
		  take_disjoint },
		{ "pair-objective", 0, "NAME", "total (least sum, default) or maximum (of both)",
		  take_pair },
		{ "via", 0, "NODE", "a node to pass; repeated ones in this order", take_via },
		{ "via-service", 0, "KINDS", "pass an instance of each of these services in order",
		  take_via_service },
		{ "slice", 0, "NAME", "only links of this slice", take_slice },
		{ "k", 'k', "N", "this many alternatives, the best first", take_k },
		{ "co-routed", 0, NULL, "its way back has to answer the question too",
		  take_co_routed },
		{ "diverse", 0, NULL, "with --k: alternatives that share little", take_diverse },
		{ "guarantee", 0, "P",
		  "lists that hold the bandwidth with this probability: 0.9999, 99.99%, 4nines",
		  take_guarantee },
		{ "lists", 0, "N", "with --guarantee: at most N weighted lists, 1 to 8; default 1",
		  take_lists },
		{ "budget", 0, "N", "settle at most N labels", take_budget },
	};

	return (struct cli_group){ options, sizeof(options) / sizeof(options[0]), demand };
}

/* What goes with --guarantee, and what does not. */
static enum pce_status
check_guarantee(const struct cli_demand *demand, struct pce_error *err)
{
	const struct intent *intent = &demand->intent;

	if (intent->guarantee <= 0)
		return intent->max_lists > 0
			   ? pce_fail(err, PCE_INVALID, "--lists is for --guarantee")
			   : PCE_OK;
	if (intent->bandwidth_bps == 0)
		return pce_fail(err, PCE_INVALID, "--guarantee needs the --bandwidth to hold");
	if (intent->co_routed)
		return pce_fail(err, PCE_INVALID, "--guarantee is not offered with --co-routed");
	if (intent->disjoint != PATH_DISJOINT_NONE)
		return pce_fail(err, PCE_INVALID,
				"--guarantee chooses its lists itself: not with --disjoint");
	if (demand->k > 1)
		return pce_fail(err, PCE_INVALID,
				"--guarantee chooses its lists itself: not with --k");
	return PCE_OK;
}

enum pce_status
cli_demand_check(const struct cli_demand *demand, struct pce_error *err)
{
	const struct intent *intent = &demand->intent;

	if (!intent->from)
		return pce_fail(err, PCE_INVALID, "--from is missing");
	if (!intent->to)
		return pce_fail(err, PCE_INVALID, "--to is missing");
	if (!strcmp(intent->from, intent->to))
		return pce_fail(err, PCE_INVALID, "--from and --to are the same node, %s",
				intent->from);
	if (demand->diverse && demand->k == 0)
		return pce_fail(err, PCE_INVALID, "--diverse needs --k, how many paths");
	return check_guarantee(demand, err);
}
