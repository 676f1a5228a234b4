/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/sockfile.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
sockfile_init(struct sockfile *file)
{
	*file = (struct sockfile){.path = ""};
}

void
sockfile_set(struct sockfile *file, const char *endpoint)
{
	struct endpoint where;
	struct stat st;

	if (endpoint_get(endpoint, &where, NULL) < 0 ||
	    where.kind != ENDPOINT_UNIX || lstat(where.path, &st) < 0 ||
	    !S_ISSOCK(st.st_mode))
		return;
	memcpy(file->path, where.path, sizeof(file->path));
	file->dev = st.st_dev;
	file->ino = st.st_ino;
}

void
sockfile_remove(struct sockfile *file)
{
	struct stat st;

	if (file->path[0] != '\0' && lstat(file->path, &st) == 0 &&
	    st.st_dev == file->dev && st.st_ino == file->ino)
		unlink(file->path);
	sockfile_init(file);
}
