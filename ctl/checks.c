/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/checks.h"

/* From the bottom up: what is found first often explains what comes later. */
const struct check checks[] = {
    {"pcscd-missing", check_pcscd_missing},
    {"pcscd-not-running", check_pcscd_not_running},
    {"pcscd-no-access", check_pcscd_no_access},
    {"pcscd-denied", check_pcscd_denied},
    {"pcscd-silent", check_pcscd_silent},
    {"pcscd-auto-exit", check_pcscd_auto_exit},
    {"driver-not-configured", check_not_configured},
    {"driver-missing", check_driver_missing},
    {"driver-unloadable", check_driver_unloadable},
    {"config-wrong", check_config_wrong},
    {"config-not-read", check_config_not_read},
    {"port-in-use", check_port_in_use},
    {"driver-not-loaded", check_driver_not_loaded},
    {"control-no-access", check_control_no_access},
    {"not-listening", check_not_listening},
    {"readers-missing", check_readers_missing},
    {"no-peer", check_no_peer},
    {"card-held", check_card_held},
    {"readers-hidden", check_readers_hidden},
    {"libccid-missing", check_libccid_missing},
    {"selinux-denied", check_selinux_denied},
    {"apparmor-denied", check_apparmor_denied},
};
const size_t checks_len = sizeof(checks) / sizeof(*checks);
