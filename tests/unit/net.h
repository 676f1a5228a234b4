/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets for the tests of net/; every failure here fails the test. */
#ifndef TESTS_NET_H
#define TESTS_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/endpoint.h"

/* A connected pair over the loopback of that family (AF_INET, AF_INET6). */
void net_tcp_pair(int family, int out_fd[2]);
void net_unix_pair(int out_fd[2]);
/* The port at this end. */
uint16_t net_port(int fd);
/* TCP on 127.0.0.1 or ::1, or a Unix socket. */
struct endpoint
net_endpoint(enum endpoint_kind, uint16_t port, const char *path);
/* Waits for the poll events on it, at most 10 s; false if they do not come. */
bool net_wait(int fd, short events);
/* Reads until the stream's end into text with a NUL; closes fd. */
void net_read_all(int fd, char *text, size_t cap);
bool net_is_cloexec(int fd);
bool net_is_blocking(int fd);

/* A directory of the test's own; net_dir_remove wants it empty. */
void net_dir_make(char out_path[32]);
void net_dir_remove(const char *path);

#endif
