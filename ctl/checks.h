/* SPDX-License-Identifier: BSD-2-Clause */
/* The checks, by file; checks.c has the table. */
#ifndef CTL_CHECKS_H
#define CTL_CHECKS_H

#include "ctl/doctor.h"

/* check_pcscd.c */
check_fn check_pcscd_missing;
check_fn check_pcscd_not_running;
check_fn check_pcscd_no_access;
check_fn check_pcscd_denied;
check_fn check_pcscd_silent;
check_fn check_pcscd_auto_exit;

/* check_driver.c */
check_fn check_not_configured;
check_fn check_driver_missing;
check_fn check_driver_unloadable;
check_fn check_config_wrong;
check_fn check_config_not_read;
check_fn check_driver_not_loaded;
check_fn check_control_no_access;
check_fn check_readers_missing;

/* check_listen.c */
check_fn check_port_in_use;
check_fn check_not_listening;
check_fn check_no_peer;

/* check_system.c */
check_fn check_card_held;
check_fn check_readers_hidden;
check_fn check_libccid_missing;
check_fn check_selinux_denied;
check_fn check_apparmor_denied;

#endif
