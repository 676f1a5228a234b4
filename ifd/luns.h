/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From pcscd's LUN (reader in the high half, slot in the low one) to a slot.
 * The module's only global: the table, and the hub that lives while a channel
 * is open.
 */
#ifndef VSCARD_IFD_LUNS_H
#define VSCARD_IFD_LUNS_H

#include "ifd/slot.h"

/*
 * Opens a channel; the first one of a reader makes the reader listen. Says in
 * the log why not. -EINVAL: bad DEVICENAME or slot; -EBUSY: open already.
 */
int luns_open(unsigned long lun, const char *devicename) MUST_CHECK;
/*
 * Ends what is in flight in the slot, waits for the threads inside (all have
 * deadlines, and are woken), and closes. -ENODEV: not open.
 */
int luns_close(unsigned long lun) MUST_CHECK;
/* The slot of the LUN, in use until luns_release; NULL if not open. */
struct slot *luns_take(unsigned long lun);
void luns_release(struct slot *);
/* The LUN that the slot is open as, if it is. */
bool luns_find_lun(struct slot *, unsigned long *out_lun);

#endif
