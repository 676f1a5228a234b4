/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where things are in the private mount namespace. pcscd and libpcsclite have
 * the directory and the socket compiled in; all our files go there too, so
 * that they vanish with it.
 */
#ifndef VSCARD_RUN_PLACE_H
#define VSCARD_RUN_PLACE_H

#define PLACE_PARENT "/run"
#define PLACE_NAME "pcscd"
#define PLACE_DIR PLACE_PARENT "/" PLACE_NAME

#define PLACE_DRIVER PLACE_DIR "/libifdvscard.so"
#define PLACE_DRIVER_CONF PLACE_DIR "/vscard.conf"
#define PLACE_READER_CONF PLACE_DIR "/reader.conf"
#define PLACE_PCSCD_LOG PLACE_DIR "/pcscd.log"
#define PLACE_CLIENT_LOG PLACE_DIR "/vscclient.log"
/* What was at PLACE_DIR before: the readers outside, for vscclient alone. */
#define PLACE_OUTSIDE PLACE_DIR "/outside"
#define PLACE_OUTSIDE_SOCKET PLACE_OUTSIDE "/pcscd.comm"
/* The driver's control socket. */
#define PLACE_CONTROL PLACE_DIR "/control"
#define PLACE_SOCKET PLACE_DIR "/pcscd.comm"
/* Where the driver listens unless told otherwise. */
#define PLACE_ENDPOINT "unix:" PLACE_DIR "/vscard.sock"

#endif
