/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/memory.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fakes/script.h"

enum { STEP = 8, CHUNK = 1 << 20 };

void
memory_init(struct memory *m)
{
	m->count = 0;
	memset(m->first, 0xFF, sizeof(m->first));
}

static unsigned
hash(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

static void
add_piece(struct memory *m, const char *name, const uint8_t *bytes, size_t len)
{
	struct memory_piece *p = &m->pieces[m->count];

	if (m->count == MEMORY_PIECES_MAX)
		script_fail(HERE, "too many secrets");
	p->name = name;
	p->len = len;
	memcpy(p->bytes, bytes, len);
	p->next = m->first[hash(bytes)];
	m->first[hash(bytes)] = (int)m->count++;
}

static void
add_pieces(struct memory *m, const char *name, const uint8_t *bytes, size_t len)
{
	size_t piece = len < MEMORY_PIECE ? len : MEMORY_PIECE;

	for (size_t at = 0; at + piece <= len; at += STEP)
		add_piece(m, name, bytes + at, piece);
}

void
memory_add(struct memory *m, const char *name, const void *secret, size_t len)
{
	const uint8_t *bytes = secret;
	uint8_t *turned = malloc(len);

	if (turned == NULL)
		script_fail(HERE, "no memory");
	for (size_t i = 0; i < len; i++)
		turned[i] = bytes[len - 1 - i];
	add_pieces(m, name, bytes, len);
	add_pieces(m, name, turned, len);
	free(turned);
}

/* --- looking ------------------------------------------------------------ */

static const struct memory_piece *
piece_at(const struct memory *m, const uint8_t *bytes)
{
	int i = m->first[hash(bytes)];

	while (
	    i >= 0 && memcmp(m->pieces[i].bytes, bytes, m->pieces[i].len) != 0)
		i = m->pieces[i].next;
	return i < 0 ? NULL : &m->pieces[i];
}

/* mapping: a line of /proc/PID/maps. */
static void
note(struct memory *m, const char *name, const char *mapping, uint64_t at)
{
	size_t len = strlen(m->found);
	const char *file = strpbrk(mapping, "/[");

	snprintf(m->found + len, sizeof(m->found) - len, "%s at %llx %s\n",
	    name, (unsigned long long)at, file != NULL ? file : "(anonymous)");
}

/* room: has MEMORY_PIECE bytes of zeros behind it. */
static void
look(struct memory *m, const uint8_t *room, size_t len, const char *mapping,
    uint64_t start)
{
	const struct memory_piece *p;

	for (size_t i = 0; i < len; i++) {
		if (m->first[hash(room + i)] < 0)
			continue;
		p = piece_at(m, room + i);
		if (p != NULL)
			note(m, p->name, mapping, start + i);
	}
}

/* Pages that cannot be read are nobody's: guards, and what vanished. */
static void
look_through(struct memory *m, int mem, const char *mapping, uint64_t start,
    uint64_t end, uint8_t *room)
{
	size_t len;
	ssize_t n;

	for (uint64_t at = start; at < end; at += CHUNK) {
		len = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		/* And what begins here and goes on behind it. */
		memset(room + len, 0, MEMORY_PIECE);
		n = pread(mem, room,
		    end - at > CHUNK ? len + MEMORY_PIECE : len, (off_t)at);
		if (n > 0)
			look(m, room, (size_t)n < len ? (size_t)n : len,
			    mapping, at);
	}
}

static FILE *
open_maps(pid_t pid)
{
	char path[64];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	if (maps == NULL)
		script_fail(HERE, "%s: %m", path);
	return maps;
}

const char *
memory_find(struct memory *m, pid_t pid)
{
	uint8_t *room = malloc(CHUNK + MEMORY_PIECE);
	unsigned long long start, end;
	char path[64], line[512], rights[8];
	unsigned mappings = 0;
	FILE *maps = open_maps(pid);
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	if (mem < 0 || room == NULL)
		script_fail(HERE, "%s: %m", path);
	m->found[0] = '\0';
	while (fgets(line, sizeof(line), maps) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%llx-%llx %7s", &start, &end, rights) != 3 ||
		    rights[1] != 'w')
			continue;
		look_through(m, mem, line, start, end, room);
		mappings++;
	}
	if (mappings < 3)
		script_fail(HERE, "%s: only %u mappings", path, mappings);
	close(mem);
	fclose(maps);
	free(room);
	return m->found;
}

/* --- being allowed to ---------------------------------------------------- */

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		script_fail(HERE, "%s: %m", path);
	close(fd);
}

void
memory_enter(void)
{
	char users[64], groups[64];

	snprintf(users, sizeof(users), "0 %u 1", (unsigned)geteuid());
	snprintf(groups, sizeof(groups), "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER) < 0)
		script_fail(HERE, "no user namespace: %m");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", users);
	write_file("/proc/self/gid_map", groups);
}
