#include "config.h"

#include <stdlib.h>

#include "models/import/import.h"
#include "pce/daemon/daemon.h"
#include "pce/daemon/log.h"
#include "southbound/bgp/feed.h"

struct feeds {
	struct daemon *daemon;
	struct bgp_feeds *bgp;
	struct event_sink sink;
};

static void
post_state(struct daemon *daemon, struct ted_source source, const char *name,
	   enum ted_source_event what)
{
	struct service_event event = { .kind = SERVICE_FEED_STATE };

	event.u.feed_state.source = source;
	event.u.feed_state.name = name;
	event.u.feed_state.event = what;
	daemon_post(daemon, &event);
}

static enum pce_status
read_file(struct daemon *daemon, uint32_t number, struct pce_error *err)
{
	const struct codec_topology_options options = { daemon->config->affinities,
							daemon->config->n_affinities };
	const struct ted_source source = { TED_SOURCE_FILE, number };
	const char *name = daemon->config->topology_files[number];
	struct service_event event = { .kind = SERVICE_FEED_UPDATE };
	struct codec_topology topology = { 0 };
	enum pce_status status =
	    import_topology_file(daemon->codec, name, &options, &topology, err);

	if (status)
		return status;
	for (size_t i = 0; i < topology.n_assumed; i++)
		log_line(LOG_LEVEL_INFO, "%s: %s: %s", name,
			 topology.findings[i].left_out ? "note" : "assumed", topology.assumed[i]);
	event.u.feed_update.source = source;
	event.u.feed_update.deltas = topology.deltas;
	event.u.feed_update.n = topology.n;
	event.u.feed_update.received = daemon_now();
	post_state(daemon, source, name, TED_SOURCE_UP);
	daemon_post(daemon, &event);
	post_state(daemon, source, name, TED_SOURCE_SYNCED);
	codec_topology_free(&topology);
	return PCE_OK;
}

enum pce_status
feeds_open(struct daemon *daemon, struct feeds **out, struct pce_error *err)
{
	const struct karst_config *config = daemon->config;
	struct feeds *feeds = calloc(1, sizeof(*feeds));
	enum pce_status status = PCE_OK;

	if (!feeds)
		return pce_no_memory(err);
	feeds->daemon = daemon;
	feeds->sink = daemon_sink(daemon);
	for (uint32_t i = 0; i < config->n_topology_files && !status; i++)
		status = read_file(daemon, i, err);
	if (!status && config->bgp.n_peers > 0)
		status = bgp_feeds_new(daemon->loop, &config->bgp, &feeds->sink, daemon_now,
				       daemon_random(), &feeds->bgp, err);
	if (status)
		feeds_close(feeds);
	else
		*out = feeds;
	return status;
}

void
feeds_close(struct feeds *feeds)
{
	if (!feeds)
		return;
	bgp_feeds_free(feeds->bgp);
	free(feeds);
}
