/* Whole files; see file.h. */
#include "config.h"

#include "northbound/http/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM 4096

static bool
write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* Makes the rename itself durable. */
static bool
sync_folder_of(const char *path)
{
	char copy[PATH_ROOM];
	bool done;
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = fsync(fd) == 0;
	close(fd);
	return done;
}

enum pce_status
file_replace(const char *path, mode_t mode, const void *bytes, size_t len, struct pce_error *err)
{
	char temporary[PATH_ROOM];
	bool done;
	int fd, fault;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return pce_fail(err, PCE_LIMIT, "the path %s is too long", path);
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return pce_fail(err, PCE_IO, "cannot write %s: %s", path, strerror(errno));
	done = write_all(fd, bytes, len) && fsync(fd) == 0;
	fault = errno;
	close(fd);
	if (done && (rename(temporary, path) != 0 || !sync_folder_of(path))) {
		done = false;
		fault = errno;
	}
	if (done)
		return PCE_OK;
	unlink(temporary);
	return pce_fail(err, PCE_IO, "cannot write %s: %s", path, strerror(fault));
}
