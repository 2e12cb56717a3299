#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "pce/daemon/daemon.h"
#include "pce/daemon/log.h"
#include "southbound/gnmi/shell.h"
#include "southbound/netconf/shell.h"
#include "southbound/profile/library.h"
#include "southbound/profile/profile.h"

static const struct {
	const char *name; /* as in the configuration */
	enum pce_status (*make)(const struct driver_context *context, struct driver **out,
				struct pce_error *err);
} kinds[] = {
	{ "netconf", netconf_driver_new },
	{ "gnmi", gnmi_driver_new },
};

#define DRIVERS (sizeof(kinds) / sizeof(kinds[0]))

struct devices {
	struct daemon *daemon;
	struct driver *drivers[DRIVERS]; /* NULL: no device has it */
	struct driver_device **open; /* as in the configuration; NULL before devices_open */
};

/* The driver of a device; SIZE_MAX if there is none of that name. */
static size_t
kind_of(const struct config_device *device)
{
	size_t kind = 0;

	while (kind < DRIVERS && strcmp(kinds[kind].name, device->driver) != 0)
		kind++;
	return kind < DRIVERS ? kind : SIZE_MAX;
}

/* Makes the drivers that devices name. */
static enum pce_status
make_drivers(struct devices *devices, const struct driver_context *context, struct pce_error *err)
{
	const struct karst_config *config = devices->daemon->config;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < config->n_devices && status == PCE_OK; i++) {
		size_t kind = kind_of(&config->devices[i]);

		if (kind == SIZE_MAX)
			return pce_fail(err, PCE_UNSUPPORTED, "device %s: there is no driver %s",
					config->devices[i].name, config->devices[i].driver);
		if (!devices->drivers[kind])
			status = kinds[kind].make(context, &devices->drivers[kind], err);
	}
	return status;
}

enum pce_status
devices_prepare(struct daemon *daemon, struct devices **out, struct pce_error *err)
{
	const struct karst_config *config = daemon->config;
	struct devices *devices = calloc(1, sizeof(*devices));
	struct driver_context context = {
		.loop = daemon->loop,
		.sink = daemon_sink(daemon),
		.config = config,
		.seed = daemon_random(),
		.yang_dir = daemon->yang_path,
	};
	enum pce_status status = PCE_OK;

	if (devices)
		devices->open = calloc(config->n_devices + 1, sizeof(struct driver_device *));
	if (!devices || !devices->open) {
		free(devices);
		return pce_no_memory(err);
	}
	devices->daemon = daemon;
	status = make_drivers(devices, &context, err);
	if (status)
		devices_close(devices);
	else
		*out = devices;
	return status;
}

/* The driver of a device by its number in the configuration. */
static struct driver *
driver_of(const struct devices *devices, size_t i)
{
	return devices->drivers[kind_of(&devices->daemon->config->devices[i])];
}

/* A profile that is not Karst's own module, against the YANG of its routers. */
static enum pce_status
examine(const struct daemon *daemon, const struct config_profile *profile, struct pce_error *err)
{
	const char *folders = profile->yang_folder ? profile->yang_folder : daemon->yang_path;
	struct text notice = { 0 };
	enum pce_status status = PCE_OK;

	if (profile->model_file || (profile->model && strcmp(profile->model, "karst") != 0))
		status = profile_examine(daemon->codec, profile, folders, &notice, err);
	if (!status && notice.len > 0)
		log_line(LOG_LEVEL_WARNING, "%s", text_get(&notice));
	text_free(&notice);
	return status;
}

enum pce_status
devices_check(const struct daemon *daemon, struct pce_error *err)
{
	const struct karst_config *config = daemon->config;

	for (size_t i = 0; i < config->n_devices; i++) {
		const struct config_profile *profile, *other = NULL;
		enum pce_status status =
		    profile_of_device(config, &config->devices[i], &profile, err);

		/* Each profile once, at the first device that has it. */
		for (size_t j = 0; j < i && !status && other != profile; j++)
			status = profile_of_device(config, &config->devices[j], &other, err);
		if (!status && other != profile)
			status = examine(daemon, profile, err);
		if (status)
			return status;
	}
	return PCE_OK;
}

enum pce_status
devices_open(struct devices *devices, struct pce_error *err)
{
	const struct karst_config *config = devices->daemon->config;
	enum pce_status checked = devices_check(devices->daemon, err);

	if (checked)
		return checked;
	for (size_t i = 0; i < config->n_devices; i++) {
		const struct config_device *device = &config->devices[i];
		const struct config_profile *profile;
		enum pce_status status = profile_of_device(config, device, &profile, err);

		if (status)
			return status;
		status =
		    driver_of(devices, i)
			->ops->open(driver_of(devices, i), device, profile, &devices->open[i], err);
		if (status)
			return pce_prefix(err, status, "device %s", device->name);
	}
	return PCE_OK;
}

void
devices_close(struct devices *devices)
{
	if (!devices)
		return;
	for (size_t i = 0; i < devices->daemon->config->n_devices; i++)
		if (devices->open[i])
			driver_of(devices, i)->ops->close(devices->open[i]);
	for (size_t i = 0; i < DRIVERS; i++)
		if (devices->drivers[i])
			devices->drivers[i]->ops->free(devices->drivers[i]);
	free(devices->open);
	free(devices);
}

static struct driver_device *
find(const struct devices *devices, const char *name, const struct driver_ops **ops)
{
	const struct karst_config *config = devices->daemon->config;

	for (size_t i = 0; i < config->n_devices; i++) {
		if (strcmp(config->devices[i].name, name) != 0)
			continue;
		*ops = driver_of(devices, i)->ops;
		return devices->open[i];
	}
	return NULL;
}

/* The configuration's own copy of a device name: it outlives the effect. */
static const char *
lasting_name(const struct devices *devices, const char *name)
{
	const struct karst_config *config = devices->daemon->config;

	for (size_t i = 0; i < config->n_devices; i++)
		if (strcmp(config->devices[i].name, name) == 0)
			return config->devices[i].name;
	return "";
}

void
devices_apply(struct devices *devices, const struct service_effect *effect)
{
	const struct deploy_transaction *transaction = effect->u.apply.transaction;
	const struct driver_ops *ops = NULL;
	struct driver_device *device = find(devices, transaction->device, &ops);
	struct service_event event = { .kind = SERVICE_DEVICE_RESULT, .id = effect->id };
	struct pce_error err = { 0 };
	enum pce_status status =
	    device ? ops->apply(device, effect->id, effect->u.apply.phase, transaction, &err)
		   : pce_fail(&err, PCE_UNREACHABLE, "router %s is not open", transaction->device);

	if (!status)
		return;
	event.u.device_result.device = lasting_name(devices, transaction->device);
	event.u.device_result.result = (struct deploy_result){
		.id = transaction->id,
		.phase = effect->u.apply.phase,
		.status = status,
		.retry = status == PCE_UNREACHABLE || status == PCE_CONFLICT,
	};
	daemon_refuse(devices->daemon, &event, &err);
}

void
devices_read(struct devices *devices, const struct service_effect *effect)
{
	const struct driver_ops *ops = NULL;
	struct driver_device *device = find(devices, effect->u.read.device, &ops);
	struct service_event event = { .kind = SERVICE_DEVICE_READ, .id = effect->id };
	struct pce_error err = { 0 };
	enum pce_status status = device ? ops->read(device, effect->id, &err)
					: pce_fail(&err, PCE_UNREACHABLE, "router %s is not open",
						   effect->u.read.device);

	if (!status)
		return;
	event.u.device_read.device = lasting_name(devices, effect->u.read.device);
	event.u.device_read.status = status;
	daemon_refuse(devices->daemon, &event, &err);
}
