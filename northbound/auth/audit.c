#include "config.h"

#include "northbound/auth/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pce/base/array.h"

#define PATH_ROOM 4096
#define TAIL_MAX ((off_t)4 << 20) /* octets of the file that are shown at most */

/* How each of the two lines of an entry begins; the id follows, then a comma. */
static const char begin_mark[] = "{\"id\":\"", end_mark[] = "{\"end\":\"";

struct audit {
	int fd;
	uint64_t next_id;
	char path[PATH_ROOM];
};

/* --- reading --- */

/* The last octets of the file, from the beginning of a line; to free(). */
static enum pce_status
read_tail(const struct audit *audit, char **out, size_t *len, struct pce_error *err)
{
	struct stat st;
	off_t from;
	ssize_t n;
	char *bytes;

	if (fstat(audit->fd, &st) != 0)
		return pce_fail(err, PCE_IO, "cannot read %s: %s", audit->path, strerror(errno));
	from = st.st_size > TAIL_MAX ? st.st_size - TAIL_MAX : 0;
	bytes = malloc((size_t)(st.st_size - from) + 1);
	if (!bytes)
		return pce_no_memory(err);
	n = pread(audit->fd, bytes, (size_t)(st.st_size - from), from);
	if (n < 0) {
		free(bytes);
		return pce_fail(err, PCE_IO, "cannot read %s: %s", audit->path, strerror(errno));
	}
	bytes[n] = '\0';
	*len = (size_t)n;
	if (from > 0) {
		const char *line = strchr(bytes, '\n');
		size_t skip = line ? (size_t)(line - bytes) + 1 : *len;

		*len -= skip;
		memmove(bytes, bytes + skip, *len + 1);
	}
	*out = bytes;
	return PCE_OK;
}

/* The id of a line that begins with the mark; 0 if it does not. */
static uint64_t
id_of(const char *line, const char *mark)
{
	size_t len = strlen(mark);

	return strncmp(line, mark, len) == 0 ? strtoull(line + len, NULL, 10) : 0;
}

/* Cuts at the end of the line; the next one, or NULL. */
static char *
cut_line(char *line)
{
	char *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	return end + 1;
}

/* --- life --- */

enum pce_status
audit_open(const char *state_dir, struct audit **out, struct pce_error *err)
{
	struct audit *audit = calloc(1, sizeof(*audit));
	enum pce_status status;
	char *tail = NULL, *next;
	size_t len = 0;

	if (!audit)
		return pce_no_memory(err);
	audit->fd = -1;
	audit->next_id = 1;
	if (snprintf(audit->path, PATH_ROOM, "%s/audit.log", state_dir) >= PATH_ROOM) {
		free(audit);
		return pce_fail(err, PCE_LIMIT, "the path of the state folder is too long");
	}
	audit->fd = open(audit->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	status = audit->fd >= 0 ? read_tail(audit, &tail, &len, err)
				: pce_fail(err, PCE_IO, "cannot open the audit %s: %s", audit->path,
					   strerror(errno));
	for (char *line = tail; line && *line; line = next) {
		next = cut_line(line);
		if (id_of(line, begin_mark) >= audit->next_id)
			audit->next_id = id_of(line, begin_mark) + 1;
	}
	/* A line that a full disk cut off must not swallow the next one. */
	if (status == PCE_OK && len > 0 && tail[len - 1] != '\0' && tail[len - 1] != '\n' &&
	    write(audit->fd, "\n", 1) != 1)
		status = pce_fail(err, PCE_IO, "cannot write the audit %s: %s", audit->path,
				  strerror(errno));
	free(tail);
	if (status) {
		audit_close(audit);
		return status;
	}
	*out = audit;
	return PCE_OK;
}

void
audit_close(struct audit *audit)
{
	if (!audit)
		return;
	if (audit->fd >= 0)
		close(audit->fd);
	free(audit);
}

/* --- writing --- */

/* One write a line: appends of several requests never mix. */
static bool
append(const struct audit *audit, struct text *line)
{
	text_add(line, "}\n");
	return text_ok(line) && write(audit->fd, text_get(line), line->len) == (ssize_t)line->len;
}

static void
add_string(struct text *line, const char *name, const char *value)
{
	text_printf(line, ",\"%s\":", name);
	text_json_string(line, value, strlen(value));
}

uint64_t
audit_begin(struct audit *audit, const struct audit_entry *entry, struct pce_error *err)
{
	time_t seconds = (time_t)(entry->wall_us / 1000000);
	struct text line = { 0 };
	struct tm tm = { 0 };
	char when[32];
	bool done;

	gmtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	text_printf(&line, "%s%" PRIu64 "\"", begin_mark, audit->next_id);
	add_string(&line, "time", when);
	add_string(&line, "author", entry->author);
	add_string(&line, "address", entry->address);
	add_string(&line, "action", entry->action);
	add_string(&line, "target", entry->target);
	done = append(audit, &line);
	text_free(&line);
	if (done)
		return audit->next_id++;
	pce_fail(err, PCE_IO, "cannot write the audit %s: %s", audit->path, strerror(errno));
	return 0;
}

void
audit_end(struct audit *audit, uint64_t id, const char *result)
{
	struct text line = { 0 };

	text_printf(&line, "%s%" PRIu64 "\"", end_mark, id);
	add_string(&line, "result", result);
	(void)append(audit, &line); /* without it the end is what it is: not seen */
	text_free(&line);
}

/* --- printing --- */

struct shown {
	uint64_t id;
	const char *line; /* of the beginning */
	const char *end; /* of the result; NULL */
};

static size_t
read_shown(char *tail, struct shown *all)
{
	size_t n = 0;
	char *next;

	for (char *line = tail; line && *line; line = next) {
		uint64_t id = id_of(line, begin_mark), ends = id_of(line, end_mark);

		next = cut_line(line);
		if (!next)
			break; /* cut off */
		if (id > 0 && line[strlen(line) - 1] == '}')
			all[n++] = (struct shown){ id, line, NULL };
		for (size_t i = n; ends > 0 && i > 0; i--)
			if (all[i - 1].id == ends) {
				all[i - 1].end = line;
				break;
			}
	}
	return n;
}

static void
print_shown(const struct shown *shown, struct text *out)
{
	const char *result = shown->end ? strstr(shown->end, "\",\"result\":") : NULL;

	text_bytes(out, shown->line, strlen(shown->line) - 1);
	if (result)
		text_add(out, result + 1);
	else
		text_add(out, "}");
}

enum pce_status
audit_print(const struct audit *audit, size_t most, struct text *out, struct pce_error *err)
{
	struct shown *all = NULL;
	char *tail = NULL;
	size_t len = 0, lines = 1, n;
	enum pce_status status = read_tail(audit, &tail, &len, err);

	for (size_t i = 0; i < len; i++)
		lines += tail[i] == '\n';
	if (status == PCE_OK) {
		all = calloc(lines, sizeof(*all));
		status = all ? PCE_OK : pce_no_memory(err);
	}
	if (status == PCE_OK) {
		n = read_shown(tail, all);
		text_add(out, "{\"karst-operations:audit\":[");
		for (size_t i = n > most ? n - most : 0; i < n; i++) {
			text_add(out, i > 0 && i != (n > most ? n - most : 0) ? "," : "");
			print_shown(&all[i], out);
		}
		text_add(out, "]}");
		if (!text_ok(out))
			status = pce_no_memory(err);
	}
	free(all);
	free(tail);
	return status;
}
