#include <stdlib.h>

#include "config.h"
#include "northbound/restconf/north.h"
#include "pce/daemon/daemon.h"
#include "pce/daemon/log.h"
#include "pce/segment/compile.h"

struct api {
	struct daemon *daemon;
	struct north *north;
	struct segment_igp *igp; /* for compute-path; made at the first use */
	uint64_t igp_revision; /* of the graph that it knows */
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

static enum pce_status
segments(void *arg, const uint32_t *links, size_t n, struct segment_list *out,
	 struct pce_error *err)
{
	struct api *api = arg;
	const struct ted *ted = service_view_ted(api->daemon->service);
	const struct segment_options options = {
		.strict_msd = api->daemon->config->strict_msd,
		.assumed_msd = assumed_msd(api->daemon->config),
		.service_sids = 1,
	};
	struct segment_report report;
	enum pce_status status = PCE_OK;

	if (!api->igp)
		status = segment_igp_new(ted, &api->igp, err);
	else if (api->igp_revision != ted_revision(ted))
		segment_igp_reset(api->igp);
	if (status)
		return status;
	api->igp_revision = ted_revision(ted);
	return segment_compile(api->igp, links, n, &options, out, &report, err);
}

static enum pce_status
backup(void *arg, north_backed_up *done, void *done_arg, struct pce_error *err)
{
	struct api *api = arg;

	return persist_backup(api->daemon->persist, done, done_arg, err);
}

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
		.segments = segments,
		.backup = backup,
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
	segment_igp_free(api->igp);
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
