/*
 * The store as a file, for an administrator: the store's thread copies it, the copy is sent and
 * removed. One at a time; whoever asks meanwhile is told to try again.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "northbound/restconf/internal.h"

/* What one reply may hold in memory. */
#define BACKUP_MAX (256u << 20)

struct backup {
	struct north *north;
	struct http_request *request; /* NULL: its client left */
};

void
backup_free(struct backup *backup)
{
	free(backup);
}

static void
client_gone(void *arg)
{
	((struct backup *)arg)->request = NULL;
}

static enum pce_status
read_all(int fd, char *out, size_t len, const char *path, struct pce_error *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read(fd, out + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return pce_fail(err, PCE_IO, "cannot read %s: %s", path,
					n < 0 ? strerror(errno) : "it ended early");
		done += (size_t)n;
	}
	return PCE_OK;
}

/* The whole file, which the caller frees. */
static enum pce_status
read_copy(const char *path, char **out, size_t *len, struct pce_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum pce_status status = PCE_OK;
	struct stat st;

	*out = NULL;
	if (fd < 0 || fstat(fd, &st) != 0)
		status = pce_fail(err, PCE_IO, "cannot read %s: %s", path, strerror(errno));
	else if (st.st_size > (off_t)BACKUP_MAX)
		status =
		    pce_fail(err, PCE_LIMIT, "the store has %lld octets, too many for one reply",
			     (long long)st.st_size);
	if (!status) {
		*len = (size_t)st.st_size;
		*out = malloc(*len + 1);
		status = *out ? read_all(fd, *out, *len, path, err) : pce_no_memory(err);
	}
	if (fd >= 0)
		close(fd);
	return status;
}

static void
backed_up(void *arg, const char *path, const struct pce_error *failure)
{
	struct backup *backup = arg;
	struct call call = { .north = backup->north, .request = backup->request };
	struct pce_error err = { 0 };
	char *bytes = NULL;
	size_t len = 0;

	backup->north->backup = NULL;
	if (!path)
		err = *failure;
	else if (call.request)
		read_copy(path, &bytes, &len, &err);
	if (path)
		unlink(path);
	if (call.request && err.status) {
		reply_fail(&call, &err);
	} else if (call.request) {
		http_reply_header(call.request, "Content-Disposition",
				  "attachment; filename=\"karst-backup.db\"");
		http_reply_header(call.request, "Cache-Control", "no-store");
		http_reply(call.request, 200, "application/vnd.sqlite3", bytes, len);
	}
	free(bytes);
	free(backup);
}

void
api_backup(struct call *call)
{
	struct north *north = call->north;
	struct pce_error err = { 0 };
	struct backup *backup;

	if (!check_query(call, no_parameters))
		return;
	if (!north->options.backup) {
		pce_fail(&err, PCE_UNSUPPORTED, "this store has no backups");
		reply_fail(call, &err);
		return;
	}
	backup = calloc(1, sizeof(*backup));
	if (!backup)
		pce_no_memory(&err);
	else if (!north->options.backup(north->options.arg, backed_up, backup, &err))
		*backup = (struct backup){ north, call->request };
	if (err.status) {
		free(backup);
		reply_fail(call, &err);
		return;
	}
	north->backup = backup;
	http_keep(call->request, client_gone, backup);
}
