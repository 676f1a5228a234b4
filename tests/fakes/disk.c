/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fakes/disk.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 4, NAME = 256, SECTOR = 512, CHANGES = 4096 };

struct bytes {
	uint8_t *p;
	size_t len;
};

/* Something that the disk was told and has not promised yet. */
enum change_type { CHANGE_WRITE, CHANGE_TRUNCATE, CHANGE_DELETE };

struct change {
	enum change_type type;
	size_t at;
	struct bytes data;
};

struct file {
	char name[NAME];
	bool is_safe; /* that there is a file of this name */
	struct bytes safe;
	struct change changes[CHANGES];
	unsigned count;
};

/* What SQLite sees; its own file lies behind. */
struct handle {
	sqlite3_file base;
	struct file *file;
	sqlite3_file *real;
};

static struct {
	sqlite3_vfs *real;
	sqlite3_vfs vfs;
	struct file files[FILES];
	unsigned count;
	unsigned failing; /* the operation that fails; 0: none */
	int err;
	bool lasting;
	bool cut;
} disk;

static void
must(bool truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "disk: %s\n", what);
	abort();
}

/* --- orders -------------------------------------------------------------------- */

static void
order(unsigned nth, int err, bool lasting, bool cut)
{
	disk.failing = disk.count + nth;
	disk.err = err;
	disk.lasting = lasting;
	disk.cut = cut;
}

void
disk_fail(unsigned nth, int err)
{
	order(nth, err, false, false);
}

void
disk_fail_on(unsigned nth, int err)
{
	order(nth, err, true, false);
}

void
disk_cut(unsigned nth)
{
	order(nth, SQLITE_IOERR, true, true);
}

void
disk_mend(void)
{
	disk.failing = 0;
}

unsigned
disk_count(void)
{
	return disk.count;
}

static bool
is_failing(void)
{
	if (disk.failing == 0)
		return false;
	return disk.lasting ? disk.count >= disk.failing
			    : disk.count == disk.failing;
}

/* Whether the operation that begins now has to fail: SQLite's code, or OK. */
static int
operation(void)
{
	disk.count++;
	if (!is_failing())
		return SQLITE_OK;
	errno = disk.err == SQLITE_FULL ? ENOSPC : EIO;
	return disk.err;
}

/* --- what is known of a file -------------------------------------------------------- */

static void
bytes_set(struct bytes *b, const void *p, size_t len)
{
	free(b->p);
	b->p = malloc(len + 1);
	must(b->p != NULL, "no memory");
	if (len > 0)
		memcpy(b->p, p, len);
	b->len = len;
}

/* As the real file is now; false: there is none. */
static bool
bytes_read(struct bytes *b, const char *name)
{
	FILE *in = fopen(name, "rb");
	static uint8_t all[8 << 20];
	size_t len;

	if (in == NULL)
		return false;
	len = fread(all, 1, sizeof(all), in);
	must(len < sizeof(all), "a file is too large");
	fclose(in);
	bytes_set(b, all, len);
	return true;
}

static void
forget_changes(struct file *f)
{
	while (f->count > 0)
		free(f->changes[--f->count].data.p);
}

static struct file *
file_of(const char *name)
{
	struct file *f = disk.files;

	while (f < disk.files + FILES && f->name[0] != '\0' &&
	       strcmp(f->name, name) != 0)
		f++;
	must(f < disk.files + FILES && strlen(name) < NAME, "too many files");
	if (f->name[0] == '\0') {
		strcpy(f->name, name);
		f->is_safe = bytes_read(&f->safe, name);
	}
	return f;
}

static void
note(
    struct file *f, enum change_type type, size_t at, const void *p, size_t len)
{
	struct change *c = &f->changes[f->count];

	must(f->count < CHANGES, "too many changes");
	memset(c, 0, sizeof(*c));
	c->type = type;
	c->at = at;
	bytes_set(&c->data, p, len);
	f->count++;
}

void
disk_reset(void)
{
	for (unsigned i = 0; i < FILES; i++) {
		forget_changes(&disk.files[i]);
		free(disk.files[i].safe.p);
	}
	memset(disk.files, 0, sizeof(disk.files));
	disk.count = 0;
	disk_mend();
}

/* --- after the power cut ------------------------------------------------------------- */

static unsigned
draw(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245U + 12345U;
	return (*seed >> 8) % below;
}

static void
stretch(struct bytes *b, size_t len)
{
	if (len > b->len) {
		b->p = realloc(b->p, len + 1);
		must(b->p != NULL, "no memory");
		memset(b->p + b->len, 0, len - b->len);
	}
	b->len = len;
}

/* All of it, nothing, or some of its sectors. */
static void
apply_write(struct bytes *b, const struct change *c, unsigned *seed)
{
	unsigned luck = draw(seed, 3);
	size_t n;

	for (size_t at = 0; at < c->data.len; at += n) {
		n = c->data.len - at < SECTOR ? c->data.len - at : SECTOR;
		if (luck == 0 || (luck == 1 && draw(seed, 2) == 0))
			continue;
		if (c->at + at + n > b->len)
			stretch(b, c->at + at + n);
		memcpy(b->p + c->at + at, c->data.p + at, n);
	}
}

static void
write_back(const struct file *f, const struct bytes *b)
{
	FILE *out = fopen(f->name, "wb");

	must(out != NULL, "a file cannot be written");
	must(fwrite(b->p, 1, b->len, out) == b->len, "short write");
	must(fclose(out) == 0, "a file cannot be closed");
}

static void
recover_file(struct file *f, unsigned *seed)
{
	/* A new name that nobody synced may be there nevertheless. */
	bool is_there = f->is_safe || draw(seed, 2) == 0;
	struct bytes b = {NULL, 0};

	bytes_set(&b, f->safe.p, f->safe.len);
	for (unsigned i = 0; i < f->count; i++) {
		const struct change *c = &f->changes[i];

		if (c->type == CHANGE_WRITE)
			apply_write(&b, c, seed);
		else if (draw(seed, 2) == 0)
			continue;
		else if (c->type == CHANGE_TRUNCATE)
			stretch(&b, c->at);
		else
			is_there = false;
	}
	if (is_there)
		write_back(f, &b);
	else
		unlink(f->name);
	free(b.p);
}

void
disk_recover(unsigned seed)
{
	for (unsigned i = 0; i < FILES && disk.files[i].name[0] != '\0'; i++)
		recover_file(&disk.files[i], &seed);
	disk_reset();
}

/* --- SQLite's interface ----------------------------------------------------------------- */

static struct handle *
handle_of(sqlite3_file *f)
{
	return (struct handle *)f;
}

static int
disk_close(sqlite3_file *f)
{
	sqlite3_file *real = handle_of(f)->real;
	int rc = real->pMethods->xClose(real);

	free(real);
	return rc;
}

static int
disk_read(sqlite3_file *f, void *p, int len, sqlite3_int64 at)
{
	sqlite3_file *real = handle_of(f)->real;

	if (disk.cut && is_failing())
		return SQLITE_IOERR_READ;
	return real->pMethods->xRead(real, p, len, at);
}

static int
disk_write(sqlite3_file *f, const void *p, int len, sqlite3_int64 at)
{
	struct handle *h = handle_of(f);
	int rc = operation();

	/* The power may go while it is written. */
	if (rc == SQLITE_OK || (disk.cut && disk.count == disk.failing))
		note(h->file, CHANGE_WRITE, (size_t)at, p, (size_t)len);
	return rc != SQLITE_OK ? rc
			       : h->real->pMethods->xWrite(h->real, p, len, at);
}

static int
disk_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	struct handle *h = handle_of(f);
	int rc = operation();

	if (rc == SQLITE_OK || (disk.cut && disk.count == disk.failing))
		note(h->file, CHANGE_TRUNCATE, (size_t)len, NULL, 0);
	return rc != SQLITE_OK ? rc
			       : h->real->pMethods->xTruncate(h->real, len);
}

/* SQLite's own layer syncs a new file's directory at the same time. */
static int
disk_sync(sqlite3_file *f, int flags)
{
	struct handle *h = handle_of(f);
	int rc = operation();

	(void)flags;
	if (rc != SQLITE_OK)
		return rc;
	forget_changes(h->file);
	h->file->is_safe = bytes_read(&h->file->safe, h->file->name);
	return SQLITE_OK;
}

static int
disk_size(sqlite3_file *f, sqlite3_int64 *out)
{
	sqlite3_file *real = handle_of(f)->real;

	return real->pMethods->xFileSize(real, out);
}

static int
disk_lock(sqlite3_file *f, int lock)
{
	sqlite3_file *real = handle_of(f)->real;

	return real->pMethods->xLock(real, lock);
}

static int
disk_unlock(sqlite3_file *f, int lock)
{
	sqlite3_file *real = handle_of(f)->real;

	return real->pMethods->xUnlock(real, lock);
}

static int
disk_is_reserved(sqlite3_file *f, int *out)
{
	sqlite3_file *real = handle_of(f)->real;

	return real->pMethods->xCheckReservedLock(real, out);
}

static int
disk_control(sqlite3_file *f, int op, void *arg)
{
	sqlite3_file *real = handle_of(f)->real;

	return real->pMethods->xFileControl(real, op, arg);
}

static int
disk_sector(sqlite3_file *f)
{
	sqlite3_file *real = handle_of(f)->real;

	return real->pMethods->xSectorSize(real);
}

static int
disk_traits(sqlite3_file *f)
{
	sqlite3_file *real = handle_of(f)->real;

	return real->pMethods->xDeviceCharacteristics(real);
}

static const sqlite3_io_methods methods = {.iVersion = 1,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_is_reserved,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_traits};

static int
disk_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags,
    int *out_flags)
{
	struct handle *h = handle_of(f);
	int rc = operation();

	(void)vfs;
	h->base.pMethods = NULL;
	must(name != NULL, "a file without a name");
	if (rc != SQLITE_OK)
		return SQLITE_CANTOPEN;
	h->real = calloc(1, (size_t)disk.real->szOsFile);
	must(h->real != NULL, "no memory");
	h->file = file_of(name);
	rc = disk.real->xOpen(disk.real, name, h->real, flags, out_flags);
	if (rc != SQLITE_OK)
		free(h->real);
	else
		h->base.pMethods = &methods;
	return rc;
}

static int
disk_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	struct file *f = file_of(name);
	int rc = operation();

	(void)vfs;
	if (rc != SQLITE_OK)
		return rc;
	note(f, CHANGE_DELETE, 0, NULL, 0);
	if (sync != 0) {
		forget_changes(f);
		f->is_safe = false;
	}
	return disk.real->xDelete(disk.real, name, 0);
}

void
disk_init(void)
{
	/* What comes back has the permissions that SQLite gave. */
	umask(077);
	disk.real = sqlite3_vfs_find(NULL);
	must(disk.real != NULL, "SQLite has no file layer");
	disk.vfs = *disk.real;
	disk.vfs.zName = DISK_VFS;
	disk.vfs.szOsFile = sizeof(struct handle);
	disk.vfs.xOpen = disk_open;
	disk.vfs.xDelete = disk_delete;
	must(sqlite3_vfs_register(&disk.vfs, 0) == SQLITE_OK, "not registered");
}
