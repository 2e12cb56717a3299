#include <stdlib.h>

#include "config.h"
#include "northbound/restconf/north.h"
#include "pce/daemon/daemon.h"
#include "pce/daemon/log.h"
#include "pce/policy/place.h"
#include "pce/segment/compile.h"

struct api {
	struct daemon *daemon;
	struct north *north;
};

static void
submit(void *arg, const struct service_event *event)
{
	struct api *api = arg;

	daemon_post(api->daemon, event);
}

/* The MSD that is assumed for a headend without one: the smallest of the profiles. */
static uint32_t
assumed_msd(const struct karst_config *config)
{
	uint32_t msd = config->n_profiles ? UINT32_MAX : 10;

	for (size_t i = 0; i < config->n_profiles; i++)
		if (config->profiles[i].msd < msd)
			msd = config->profiles[i].msd;
	return msd;
}

/* The best routes whatever their lists, and the lists that can be made. */
static enum pce_status
compute(const struct placer *placer, const struct path_request *request,
	const struct segment_options *options, struct path_answer *answer,
	struct segment_list **lists, struct pce_error *err)
{
	enum pce_status status = path_compute(placer->engine, request, answer, err);

	if (status)
		return status;
	*lists = calloc(answer->n_routes + 1, sizeof(**lists));
	if (!*lists)
		return pce_no_memory(err);
	for (size_t i = 0; i < answer->n_routes && status != PCE_NO_MEMORY; i++) {
		struct segment_report report;

		status =
		    segment_compile(placer->igp, answer->routes[i].links, answer->routes[i].n_links,
				    options, &(*lists)[i], &report, NULL);
	}
	return status == PCE_NO_MEMORY ? pce_no_memory(err) : PCE_OK;
}

/* As compute, but routes that lists can follow within the bound, or that lists may leave open. */
static enum pce_status
place_lists(const struct placer *placer, const struct path_request *request,
	    const struct segment_options *options, struct path_answer *answer,
	    struct segment_list **lists, struct pce_error *err)
{
	struct placement placement = { 0 };
	enum pce_status status =
	    place_compute(placer, request, options, PLACE_PAIR_STRICT, &placement, err);

	if (status)
		return status;
	*answer = placement.answer;
	*lists = placement.lists;
	placement.answer = (struct path_answer){ 0 };
	placement.lists = NULL;
	placement_free(&placement);
	return PCE_OK;
}

static enum pce_status
place(void *arg, const struct ted *ted, struct path_engine *engine,
      const struct path_request *request, bool loose, struct path_answer *answer,
      struct segment_list **lists, struct pce_error *err)
{
	const struct api *api = arg;
	const struct segment_options options = {
		.strict_msd = api->daemon->config->strict_msd,
		.assumed_msd = assumed_msd(api->daemon->config),
		.service_sids = 1,
		.loose = loose,
	};
	struct placer placer = { .engine = engine };
	enum pce_status status = segment_igp_new(ted, &placer.igp, err);

	if (status)
		return status;
	if (loose || request->max_sids != PATH_NO_BOUND)
		status = place_lists(&placer, request, &options, answer, lists, err);
	else
		status = compute(&placer, request, &options, answer, lists, err);
	segment_igp_free(placer.igp);
	return status;
}

static enum pce_status
backup(void *arg, north_backed_up *done, void *done_arg, struct pce_error *err)
{
	struct api *api = arg;

	return persist_backup(api->daemon->persist, done, done_arg, err);
}

static bool
telemetry_device(void *arg, size_t index, struct codec_telemetry_device *out)
{
	return telemetry_device_at(((struct api *)arg)->daemon->telemetry, index, out);
}

static bool
telemetry_link(void *arg, ted_link link, struct codec_telemetry_link *out)
{
	return telemetry_link_at(((struct api *)arg)->daemon->telemetry, link, out);
}

static bool
telemetry_flow(void *arg, ted_node node, const char *name, uint64_t *out)
{
	return telemetry_flow_at(((struct api *)arg)->daemon->telemetry, node, name, out);
}

static bool
link_history(void *arg, ted_link link, const struct codec_history_request *asked, north_bucket *fn,
	     void *ctx)
{
	return telemetry_history(((struct api *)arg)->daemon->telemetry, link, asked, fn, ctx);
}

static const struct north_telemetry measured = { telemetry_device, telemetry_link, link_history,
						 telemetry_flow };

enum pce_status
api_open(struct daemon *daemon, struct api **out, struct pce_error *err)
{
	struct api *api = calloc(1, sizeof(*api));
	struct north_options options = {
		.loop = daemon->loop,
		.config = daemon->config,
		.service = daemon->service,
		.codec = daemon->codec,
		.version = PACKAGE_VERSION,
		.arg = api,
		.submit = submit,
		.place = place,
		.backup = backup,
		.telemetry = &measured,
	};
	enum pce_status status;

	if (!api)
		return pce_no_memory(err);
	api->daemon = daemon;
	status = north_new(&options, &api->north, err);
	if (status) {
		free(api);
		return status;
	}
	if (north_first_token(api->north))
		log_line(LOG_LEVEL_NOTICE,
			 "the administrator's token is in %s; keep it, then remove the file",
			 north_first_token(api->north));
	*out = api;
	return PCE_OK;
}

void
api_close(struct api *api)
{
	if (!api)
		return;
	north_free(api->north);
	free(api);
}

void
api_reply(struct api *api, const struct service_effect *effect)
{
	if (api)
		north_reply(api->north, effect);
}

void
api_notice(struct api *api, const struct service_notice *notice)
{
	if (api)
		north_notice(api->north, notice);
}

void
api_reload(struct api *api)
{
	struct pce_error err = { 0 };

	if (north_reload(api->north, &err))
		log_line(LOG_LEVEL_ERROR, "the tokens stay as they were: %s", err.text);
	else
		log_line(LOG_LEVEL_NOTICE, "tokens read again");
}
