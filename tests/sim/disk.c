/*
 * The disk under SQLite: a VFS in memory. Each file has what programs read (now) and what a power
 * cut leaves (safe); a sync copies the sectors that were written since. A power cut keeps of the
 * other ones a random choice: writes are torn and reordered within what no sync had ordered. Disks
 * that lie about syncs are not played: DESIGN.md promises nothing for them.
 *
 * When karstd dies inside a call, this and all later calls do nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "tests/sim/sim.h"

#define SECTOR 512u
#define FILES 16

struct content {
	uint8_t *at;
	size_t size, cap;
};

struct file {
	char name[128];
	bool there;
	bool safe_there; /* its name survives */
	struct content now, safe;
	uint8_t *dirty; /* a bit for each sector */
	size_t dirty_cap;
};

struct handle {
	sqlite3_file base;
	struct file *file;
};

struct sim_disk disk;
static struct file files[FILES];

/* --- files --- */

static struct file *
find(const char *name)
{
	for (int i = 0; i < FILES; i++)
		if (files[i].name[0] && strcmp(files[i].name, name) == 0)
			return &files[i];
	return NULL;
}

static struct file *
make(const char *name)
{
	struct file *f = find(name);

	for (int i = 0; i < FILES && !f; i++)
		if (!files[i].name[0])
			f = &files[i];
	if (!f || strlen(name) >= sizeof(f->name))
		abort();
	strcpy(f->name, name);
	if (!f->there)
		f->now.size = 0;
	f->there = true;
	return f;
}

static void
resize(struct content *c, size_t size)
{
	if (array_reserve(&c->at, &c->cap, size + 1, 1, NULL))
		abort();
	if (size > c->size)
		memset(c->at + c->size, 0, size - c->size);
	c->size = size;
}

static void
mark(struct file *f, size_t from, size_t to)
{
	size_t need = to / SECTOR / 8 + 2, had = f->dirty_cap;

	if (need > had) {
		if (array_reserve(&f->dirty, &f->dirty_cap, need, 1, NULL))
			abort();
		memset(f->dirty + had, 0, f->dirty_cap - had);
	}
	for (size_t s = from / SECTOR; s * SECTOR < to; s++)
		f->dirty[s / 8] |= (uint8_t)(1u << s % 8);
}

/* Copies one sector from what is read to what survives. */
static void
save_sector(struct file *f, size_t s)
{
	size_t from = s * SECTOR, to = from + SECTOR;

	to = to < f->now.size ? to : f->now.size;
	if (from >= to)
		return;
	if (f->safe.size < to)
		resize(&f->safe, to);
	memcpy(f->safe.at + from, f->now.at + from, to - from);
}

static void
sync_file(struct file *f, bool all)
{
	bool names = all || sim_once_in(2);

	for (size_t s = 0; s < f->dirty_cap * 8; s++) {
		if (!(f->dirty[s / 8] & 1u << s % 8))
			continue;
		if (all || sim_once_in(2))
			save_sector(f, s);
	}
	if (f->dirty_cap > 0)
		memset(f->dirty, 0, f->dirty_cap);
	if (all || (f->now.size < f->safe.size && names))
		resize(&f->safe, f->now.size);
	f->safe_there = names ? f->there : f->safe_there;
}

void
disk_power_cut(void)
{
	for (int i = 0; i < FILES; i++) {
		struct file *f = &files[i];

		if (!f->name[0])
			continue;
		sync_file(f, false);
		f->there = f->safe_there;
		resize(&f->now, f->safe.size);
		if (f->safe.size > 0)
			memcpy(f->now.at, f->safe.at, f->safe.size);
	}
}

void
disk_create(const char *path)
{
	make(path);
}

uint64_t
disk_used(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < FILES; i++)
		sum += files[i].there ? files[i].now.size : 0;
	return sum;
}

void
disk_heal(void)
{
	disk.room = UINT64_MAX;
	disk.fail_reads = disk.fail_writes = disk.fail_syncs = 0;
	disk.fail_at = disk.die_at = 0;
	disk.only_once = false;
}

void
disk_reset(void)
{
	for (int i = 0; i < FILES; i++) {
		free(files[i].now.at);
		free(files[i].safe.at);
		free(files[i].dirty);
	}
	memset(files, 0, sizeof(files));
	memset(&disk, 0, sizeof(disk));
	disk_heal();
}

/* --- what goes wrong --- */

static void
works_again(void *arg)
{
	(void)arg;
	disk.fail_at = 0;
}

static void
dies(void *arg)
{
	(void)arg;
	karst_kill(false);
}

/* Counts a call; true if it has to fail. one_in: the faults of its kind. */
static bool
fails(unsigned one_in)
{
	if (sim.dead)
		return true;
	disk.calls++;
	if (disk.die_at != 0 && disk.calls >= disk.die_at) {
		sim_log("karstd dies at I/O call %llu", (unsigned long long)disk.calls);
		sim.dead = true;
		return true;
	}
	if (disk.fail_at != 0 &&
	    (disk.only_once ? disk.calls == disk.fail_at : disk.calls >= disk.fail_at)) {
		if (disk.calls == disk.fail_at) {
			sim_log("I/O call %llu fails", (unsigned long long)disk.calls);
			loop_once(usec_add(sim.now, 60 * SIM_SECOND), works_again, NULL);
			if (sim.options.matrix == MATRIX_IO_FAILS_DIES)
				loop_once(usec_add(sim.now, 10 * USEC_PER_MS), dies, NULL);
		}
		return true;
	}
	return one_in > 0 && sim_once_in(one_in);
}

/* --- SQLite's calls --- */

static struct file *
file_of(sqlite3_file *base)
{
	return ((struct handle *)(void *)base)->file;
}

static int
vfs_close(sqlite3_file *base)
{
	(void)base;
	return SQLITE_OK;
}

static int
vfs_read(sqlite3_file *base, void *buf, int n, sqlite3_int64 at)
{
	const struct content *c = &file_of(base)->now;
	size_t from = (size_t)at, len = (size_t)n, got;

	if (fails(disk.fail_reads))
		return SQLITE_IOERR_READ;
	got = from < c->size ? c->size - from : 0;
	got = got < len ? got : len;
	if (got > 0)
		memcpy(buf, c->at + from, got);
	if (got == len)
		return SQLITE_OK;
	memset((uint8_t *)buf + got, 0, len - got);
	return SQLITE_IOERR_SHORT_READ;
}

static int
vfs_write(sqlite3_file *base, const void *buf, int n, sqlite3_int64 at)
{
	struct file *f = file_of(base);
	size_t end = (size_t)at + (size_t)n;

	if (fails(disk.fail_writes))
		return SQLITE_IOERR_WRITE;
	if (end > f->now.size && disk_used() + (end - f->now.size) > disk.room)
		return SQLITE_FULL;
	if (end > f->now.size)
		resize(&f->now, end);
	memcpy(f->now.at + at, buf, (size_t)n);
	mark(f, (size_t)at, end);
	sim_hash(buf, (size_t)n);
	return SQLITE_OK;
}

static int
vfs_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	if (fails(disk.fail_writes))
		return SQLITE_IOERR_TRUNCATE;
	resize(&file_of(base)->now, (size_t)size);
	return SQLITE_OK;
}

static int
vfs_sync(sqlite3_file *base, int flags)
{
	(void)flags;
	if (fails(disk.fail_syncs))
		return SQLITE_IOERR_FSYNC;
	/* SQLite syncs the folder too when it has made a file in it. */
	for (int i = 0; i < FILES; i++)
		if (files[i].name[0])
			files[i].safe_there = files[i].there;
	sync_file(file_of(base), true);
	return SQLITE_OK;
}

static int
vfs_size(sqlite3_file *base, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)file_of(base)->now.size;
	return SQLITE_OK;
}

static int
vfs_lock(sqlite3_file *base, int level)
{
	(void)base, (void)level;
	return SQLITE_OK;
}

static int
vfs_reserved(sqlite3_file *base, int *out)
{
	(void)base;
	*out = 0;
	return SQLITE_OK;
}

static int
vfs_control(sqlite3_file *base, int op, void *arg)
{
	(void)base, (void)op, (void)arg;
	return SQLITE_NOTFOUND;
}

static int
vfs_sector(sqlite3_file *base)
{
	(void)base;
	return SECTOR;
}

/* As SQLite's own VFS says of disks by default. */
static int
vfs_characteristics(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = vfs_close,
	.xRead = vfs_read,
	.xWrite = vfs_write,
	.xTruncate = vfs_truncate,
	.xSync = vfs_sync,
	.xFileSize = vfs_size,
	.xLock = vfs_lock,
	.xUnlock = vfs_lock,
	.xCheckReservedLock = vfs_reserved,
	.xFileControl = vfs_control,
	.xSectorSize = vfs_sector,
	.xDeviceCharacteristics = vfs_characteristics,
};

static int
vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out)
{
	struct handle *h = (struct handle *)(void *)base;
	struct file *f = name ? find(name) : NULL;

	(void)vfs;
	h->base.pMethods = NULL;
	if (!name || fails(0) || ((!f || !f->there) && !(flags & SQLITE_OPEN_CREATE)))
		return SQLITE_CANTOPEN;
	h->file = make(name);
	h->base.pMethods = &methods;
	if (out)
		*out = flags;
	return SQLITE_OK;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	struct file *f = find(name);

	(void)vfs;
	if (fails(disk.fail_writes))
		return SQLITE_IOERR_DELETE;
	if (!f || !f->there)
		return SQLITE_IOERR_DELETE_NOENT;
	f->there = false;
	f->now.size = 0;
	if (sync)
		sync_file(f, true);
	return SQLITE_OK;
}

static int
vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	const struct file *f = find(name);

	(void)vfs, (void)flags;
	*out = f && f->there && (flags != SQLITE_ACCESS_EXISTS || f->now.size > 0);
	return SQLITE_OK;
}

static int
vfs_path(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
	(void)vfs;
	sqlite3_snprintf(n, out, "%s", name);
	return SQLITE_OK;
}

static int
vfs_randomness(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	for (int i = 0; i < n; i++)
		out[i] = (char)sim_below(256);
	return n;
}

/* A lock that somebody holds is waited for; here nobody ever does. */
static int
vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;
}

static int
vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	(void)vfs;
	*out = 210866760000000 + sim.now.v / 1000;
	return SQLITE_OK;
}

static int
vfs_time_double(sqlite3_vfs *vfs, double *out)
{
	(void)vfs;
	*out = 2440587.5 + (double)sim.now.v / 86400e6;
	return SQLITE_OK;
}

static int
vfs_error(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs, (void)n, (void)out;
	return 0;
}

void
disk_start(void)
{
	static sqlite3_vfs vfs = {
		.iVersion = 2,
		.szOsFile = sizeof(struct handle),
		.mxPathname = 120,
		.zName = "sim",
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_path,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time_double,
		.xGetLastError = vfs_error,
		.xCurrentTimeInt64 = vfs_time,
	};

	disk_reset();
	sqlite3_vfs_register(&vfs, 1);
	sqlite3_randomness(0, NULL); /* SQLite's own numbers begin anew */
}

/* --- what the store and the daemon ask of the file system themselves (--wrap) --- */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_mkdir(const char *path, mode_t mode);

int
__wrap_open(const char *path, int flags, ...)
{
	if (strncmp(path, "/sim/", 5) != 0)
		return __real_open(path, flags, 0600);
	disk_create(path);
	return __real_open("/dev/null", O_RDWR | O_CLOEXEC);
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
	(void)path, (void)mode;
	errno = EEXIST;
	return -1;
}
