/*
 * Sessions in, service events out. A peer whose NLRIs cannot be told apart is reset (RFC 7606
 * section 5.4, RFC 9552 section 8.2.2: BGP-LS is all that the session is for), which backs off.
 * Without End-of-RIB (the peer does not offer graceful restart, RFC 4724) a feed counts as synced
 * when it has been quiet after a dump: the first keepalive-like pause of SYNC_QUIET_S.
 */
#define _DEFAULT_SOURCE /* explicit_bzero */

#include "southbound/bgp/feed.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/bgp/notify.h"
#include "southbound/bgp/protect.h"

#define SYNC_QUIET_S 10

struct feed {
	struct bgp_feeds *feeds;
	uint32_t number;
	const struct config_bgp_peer *config;
	struct bgp_shell_peer *peer;
	struct bgpls_translator *translator;
	struct event *quiet;
	bool up, synced;
};

struct bgp_feeds {
	const struct config_bgp *config;
	struct event_sink sink;
	struct bgp_shell *shell;
	struct feed *at;
	size_t n;
};

static void
post_state(struct feed *f, enum ted_source_event what, const char *text)
{
	struct service_event event = { .kind = SERVICE_FEED_STATE };

	event.u.feed_state.source = (struct ted_source){ TED_SOURCE_BGPLS, f->number };
	event.u.feed_state.name = f->config->name;
	event.u.feed_state.event = what;
	event.u.feed_state.text = text;
	event.u.feed_state.stale_time_s = f->config->stale_time_s;
	f->feeds->sink.post(f->feeds->sink.ctx, &event);
}

static void
post_synced(struct feed *f)
{
	if (f->synced || !f->up)
		return;
	f->synced = true;
	event_del(f->quiet);
	post_state(f, TED_SOURCE_SYNCED, NULL);
}

static void
on_quiet(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	post_synced(arg);
}

/* Without End-of-RIB in sight, silence has to tell. */
static void
await_quiet(struct feed *f)
{
	static const struct timeval pause = { SYNC_QUIET_S, 0 };
	struct bgp_session *s = bgp_shell_established(f->peer);

	if (!f->synced && s && !bgp_session_peer(s)->restart_link_state)
		event_add(f->quiet, &pause);
}

static void
take_update(struct feed *f, const struct bgp_update *update, struct usec received)
{
	struct service_event event = { .kind = SERVICE_FEED_UPDATE };
	struct bgp_session *s = bgp_shell_established(f->peer);
	struct pce_error err;

	if (bgp_update_is_end_of_rib(update)) {
		post_synced(f);
		return;
	}
	if (bgpls_translate(f->translator, update, &event.u.feed_update.deltas,
			    &event.u.feed_update.n, &err)) {
		if (s && err.status == PCE_MALFORMED)
			bgp_fail(s, BGP_ERROR_UPDATE, BGP_UPDATE_OPTIONAL, err.text);
		else if (s)
			bgp_fail(s, BGP_ERROR_CEASE, BGP_CEASE_RESOURCES, err.text);
		return;
	}
	await_quiet(f);
	if (event.u.feed_update.n == 0)
		return;
	event.u.feed_update.source = (struct ted_source){ TED_SOURCE_BGPLS, f->number };
	event.u.feed_update.received = received;
	f->feeds->sink.post(f->feeds->sink.ctx, &event);
}

static void
on_event(void *ctx, struct bgp_shell_peer *peer, const struct bgp_event *event,
	 struct usec received)
{
	struct feed *f = bgp_shell_peer_owner(peer);

	(void)ctx;
	switch (event->kind) {
	case BGP_EVENT_UP:
		f->up = true;
		f->synced = false;
		post_state(f, TED_SOURCE_UP, NULL);
		await_quiet(f);
		break;
	case BGP_EVENT_UPDATE:
		take_update(f, &event->update, received);
		break;
	case BGP_EVENT_DOWN:
		/* Of two colliding connections the loser goes down while the feed is up. */
		if (f->up && !event->was_established)
			break;
		f->up = f->synced = false;
		event_del(f->quiet);
		post_state(f, TED_SOURCE_LOST, event->text);
		break;
	default: /* we announce nothing, so a refresh asks for nothing */
		break;
	}
}

static enum pce_status
add_feed(struct bgp_feeds *feeds, struct event_base *base, uint32_t number, struct pce_error *err)
{
	const struct config_bgp *bgp = feeds->config;
	const struct config_bgp_peer *peer = &bgp->peers[number];
	struct feed *f = &feeds->at[number];
	char password[BGP_PASSWORD_MAX + 1] = "";
	enum pce_status status = PCE_OK;
	struct reader id = reader_over(bgp->router_id.octets, 4);
	struct bgp_shell_peer_config config = {
		.peer = { .session = { .local_asn = bgp->asn,
				       .peer_asn = peer->asn,
				       .router_id = reader_u32(&id),
				       .hold_time_s = (uint16_t)peer->hold_time_s,
				       .restart_time_s =
					   (uint16_t)(peer->stale_time_s < 4095 ? peer->stale_time_s
										: 4095) },
			  .passive = peer->passive },
		.address = peer->address,
		.port = peer->port,
		.local = peer->local,
		.password = peer->password_file ? password : NULL,
		.ttl_hops = peer->ttl_security_hops,
	};

	*f = (struct feed){ .feeds = feeds, .number = number, .config = peer };
	f->quiet = evtimer_new(base, on_quiet, f);
	if (!f->quiet)
		return pce_no_memory(err);
	if (bgpls_translator_new(bgp->strict_order, &f->translator, err))
		return PCE_NO_MEMORY;
	if (peer->password_file)
		status = bgp_password_read(peer->password_file, password, err);
	if (!status)
		status = bgp_shell_add(feeds->shell, &config, f, &f->peer, err);
	explicit_bzero(password, sizeof(password));
	return status ? pce_prefix(err, status, "BGP peer %s", peer->name) : PCE_OK;
}

enum pce_status
bgp_feeds_new(struct event_base *base, const struct config_bgp *config,
	      const struct event_sink *sink, bgp_clock_fn *clock, uint64_t seed,
	      struct bgp_feeds **out, struct pce_error *err)
{
	struct bgp_shell_config shell = { .listen = config->listen,
					  .n_listen = config->n_listen,
					  .listen_port = config->listen_port,
					  .clock = clock,
					  .seed = seed };
	struct bgp_feeds *feeds = calloc(1, sizeof(*feeds));
	enum pce_status status;

	if (feeds)
		feeds->at = calloc(config->n_peers + 1, sizeof(*feeds->at));
	if (!feeds || !feeds->at) {
		free(feeds);
		return pce_no_memory(err);
	}
	feeds->config = config;
	feeds->sink = *sink;
	status = bgp_shell_new(base, &shell, on_event, feeds, &feeds->shell, err);
	for (uint32_t i = 0; !status && i < config->n_peers; i++) {
		feeds->n = i + 1;
		status = add_feed(feeds, base, i, err);
	}
	if (status) {
		bgp_feeds_free(feeds);
		return status;
	}
	*out = feeds;
	return PCE_OK;
}

void
bgp_feeds_free(struct bgp_feeds *feeds)
{
	if (!feeds)
		return;
	/* Peers are told, as far as their sockets take it at once. */
	for (size_t i = 0; i < feeds->n; i++)
		if (feeds->at[i].peer) {
			bgp_shell_stop(feeds->at[i].peer, "the controller stops");
			bgp_shell_flush(feeds->at[i].peer);
		}
	bgp_shell_free(feeds->shell);
	for (size_t i = 0; i < feeds->n; i++) {
		if (feeds->at[i].quiet)
			event_free(feeds->at[i].quiet);
		bgpls_translator_free(feeds->at[i].translator);
	}
	free(feeds->at);
	free(feeds);
}

void
bgp_feeds_stop(struct bgp_feeds *feeds, const char *reason)
{
	for (size_t i = 0; i < feeds->n; i++)
		bgp_shell_stop(feeds->at[i].peer, reason);
}

const struct bgpls_counters *
bgp_feeds_counters(const struct bgp_feeds *feeds, size_t peer)
{
	return peer < feeds->n ? bgpls_counters(feeds->at[peer].translator) : NULL;
}

uint16_t
bgp_feeds_port(const struct bgp_feeds *feeds)
{
	return bgp_shell_port(feeds->shell);
}
