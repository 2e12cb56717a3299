/*
 * For the crash matrix: linked with karstd's own objects it makes karst-crashd, a karstd that can
 * be told to die. Effects of the service that are carried out (notices aside) are counted from 1.
 *   KARST_CRASH_AT=N        kill -9 before effect N
 *   KARST_CRASH_COUNT=FILE  keeps the number of the last effect in FILE
 * karstd itself has nothing of this: the linker sends these calls here (--wrap).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pce/daemon/daemon.h"

void __real_persist_write(struct persist *persist, const struct service_effect *effect);
void __real_devices_apply(struct devices *devices, const struct service_effect *effect);
void __real_devices_read(struct devices *devices, const struct service_effect *effect);
void __real_api_reply(struct api *api, const struct service_effect *effect);
void __wrap_persist_write(struct persist *persist, const struct service_effect *effect);
void __wrap_devices_apply(struct devices *devices, const struct service_effect *effect);
void __wrap_devices_read(struct devices *devices, const struct service_effect *effect);
void __wrap_api_reply(struct api *api, const struct service_effect *effect);

static void
write_count(unsigned long count)
{
	static int fd = -2;
	const char *file = getenv("KARST_CRASH_COUNT");
	char text[32];
	int len = snprintf(text, sizeof(text), "%lu\n", count);

	if (fd == -2)
		fd = file ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	if (fd >= 0 && pwrite(fd, text, (size_t)len, 0) < 0)
		abort();
}

static void
count(void)
{
	static unsigned long done;
	const char *at = getenv("KARST_CRASH_AT");

	done++;
	if (at && done == strtoul(at, NULL, 10))
		kill(getpid(), SIGKILL);
	write_count(done);
}

void
__wrap_persist_write(struct persist *persist, const struct service_effect *effect)
{
	count();
	__real_persist_write(persist, effect);
}

void
__wrap_devices_apply(struct devices *devices, const struct service_effect *effect)
{
	count();
	__real_devices_apply(devices, effect);
}

void
__wrap_devices_read(struct devices *devices, const struct service_effect *effect)
{
	count();
	__real_devices_read(devices, effect);
}

void
__wrap_api_reply(struct api *api, const struct service_effect *effect)
{
	count();
	__real_api_reply(api, effect);
}
