/* karst backup. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"

/* Every SQLite database begins like this; a proxy's error page does not. */
static const char magic[] = "SQLite format 3";

/* Writes all of it to a new file of the owner's own, or leaves none. */
static enum pce_status
write_new(const char *file, const char *bytes, size_t len, struct pce_error *err)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t done = 0;

	if (fd < 0)
		return pce_fail(err, PCE_IO, "cannot make %s: %s", file, strerror(errno));
	while (done < len) {
		ssize_t n = write(fd, bytes + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	if (done == len && fsync(fd) == 0 && close(fd) == 0)
		return PCE_OK;
	pce_fail(err, PCE_IO, "cannot write %s: %s", file, strerror(errno));
	if (done < len)
		close(fd);
	unlink(file);
	return PCE_IO;
}

int
cli_backup(int argc, char **argv)
{
	static const struct cli_command command = { "backup", "FILE",
						    "Writes what the daemon has stored into the "
						    "new FILE, which karstd --restore reads. It "
						    "has every intent, policy and open change that "
						    "was acknowledged before; a token of role "
						    "administrator is needed.",
						    1, 1 };
	struct online online = { .verb = "backup" };
	const struct cli_group groups[] = { cli_server_group(&online.server) };
	const struct cli_ask ask = { .method = "GET", .path = "/backup" };
	struct cli_reply reply = { 0 };
	struct pce_error err = { 0 };
	const char *file;
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 1, &file, &n);

	if (result != CLI_GO_ON)
		return result;
	if (access(file, F_OK) == 0)
		return cli_usage("backup", "%s exists, and backups overwrite nothing", file);
	if (!cli_ask_well(&online.server, &ask, &reply, &err)) {
		if (reply.len < sizeof(magic) || memcmp(reply.body, magic, sizeof(magic)) != 0)
			pce_fail(&err, PCE_MALFORMED, "what the server sent is no backup");
		else
			write_new(file, reply.body, reply.len, &err);
	}
	free(reply.body);
	return err.status ? cli_fail("backup", &err) : CLI_DONE;
}
