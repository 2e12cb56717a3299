#define _GNU_SOURCE
#include "tests/lab/space.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "/run/netns"

int
space_here(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* The folder has to be a shared mount of its own, or names made in it are not seen elsewhere. */
static enum pce_status
prepare_folder(struct pce_error *err)
{
	if (mkdir(FOLDER, 0755) != 0 && errno != EEXIST)
		return pce_fail(err, PCE_DENIED, "%s: %s", FOLDER, strerror(errno));
	if (mount("", FOLDER, "none", MS_SHARED | MS_REC, NULL) == 0)
		return PCE_OK;
	if (mount(FOLDER, FOLDER, "none", MS_BIND | MS_REC, NULL) != 0 ||
	    mount("", FOLDER, "none", MS_SHARED | MS_REC, NULL) != 0)
		return pce_fail(err, PCE_DENIED, "%s cannot be shared: %s", FOLDER,
				strerror(errno));
	return PCE_OK;
}

static void
path_of(const char *name, char out[512])
{
	snprintf(out, 512, FOLDER "/%s", name);
}

enum pce_status
space_make(const char *name, int *fd, struct pce_error *err)
{
	enum pce_status status = prepare_folder(err);
	char path[512];
	int file;

	if (status)
		return status;
	path_of(name, path);
	file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (file < 0)
		return pce_fail(err, errno == EEXIST ? PCE_EXISTS : PCE_DENIED, "%s: %s", path,
				strerror(errno));
	close(file);
	if (unshare(CLONE_NEWNET) != 0 ||
	    mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) != 0) {
		status =
		    pce_fail(err, PCE_DENIED, "no network namespace %s: %s", name, strerror(errno));
		unlink(path);
		return status;
	}
	*fd = space_here();
	return *fd >= 0 ? PCE_OK : pce_fail(err, PCE_IO, "%s: %s", name, strerror(errno));
}

enum pce_status
space_enter(int fd, struct pce_error *err)
{
	return setns(fd, CLONE_NEWNET) == 0
		   ? PCE_OK
		   : pce_fail(err, PCE_DENIED, "a namespace cannot be entered: %s",
			      strerror(errno));
}

int
space_open(const char *name)
{
	char path[512];

	path_of(name, path);
	return open(path, O_RDONLY | O_CLOEXEC);
}

enum pce_status
space_sysctl(const char *path, const char *value, struct pce_error *err)
{
	char full[256];
	int fd;
	bool ok;

	snprintf(full, sizeof full, "/proc/sys/net/%s", path);
	fd = open(full, O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	if (fd >= 0)
		close(fd);
	return ok ? PCE_OK : pce_fail(err, PCE_UNSUPPORTED, "%s: %s", full, strerror(errno));
}

void
space_each(const char *prefix, void (*visit)(void *ctx, const char *name), void *ctx)
{
	DIR *folder = opendir(FOLDER);
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			visit(ctx, entry->d_name);
	if (folder != NULL)
		closedir(folder);
}

static void
remove_one(void *ctx, const char *name)
{
	size_t *count = ctx;
	char path[512];

	path_of(name, path);
	umount2(path, MNT_DETACH);
	if (unlink(path) == 0)
		(*count)++;
}

size_t
space_remove_all(const char *prefix)
{
	size_t count = 0;

	if (prefix[0] != '\0')
		space_each(prefix, remove_one, &count);
	return count;
}
