/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reader tells of itself, beyond its name. */
#ifndef VSCCLIENT_PCSC_TRAITS_H
#define VSCCLIENT_PCSC_TRAITS_H

#include <stdbool.h>
#include <stddef.h>

#include <winscard.h>

/* A virtual reader of this project's driver. */
bool pcsc_is_virtual(SCARDHANDLE);
/*
 * Bytes of data that one command may bring: 0 if the reader only does short
 * APDUs, SIZE_MAX if it does not say.
 */
size_t pcsc_max_data(SCARDHANDLE);

#endif
