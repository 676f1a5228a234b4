/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reader tells of itself, beyond its name. */
#ifndef VSCCLIENT_PCSC_TRAITS_H
#define VSCCLIENT_PCSC_TRAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <winscard.h>

/* A virtual reader of this project's driver. */
bool pcsc_is_virtual(SCARDHANDLE);
/*
 * The hosts that such a reader has come through, its own driver first; out
 * holds VSCARD_ORIGIN_MAX bytes. An older driver does not say: 0.
 */
size_t pcsc_origin(SCARDHANDLE, uint8_t *out);
/*
 * Bytes of data that one command may bring: 0 if the reader only does short
 * APDUs, SIZE_MAX if it does not say.
 */
size_t pcsc_max_data(SCARDHANDLE);

#endif
