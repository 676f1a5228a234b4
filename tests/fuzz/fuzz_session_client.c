/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/drive.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return drive_input(VSCARD_ROLE_CLIENT, data, size);
}
