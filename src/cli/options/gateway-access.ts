import type { Command } from 'commander'
import { adminOption, adminTokenOption } from './admin-option.ts'
import { caOption } from './ca-option.ts'
import { certOption, keyOption } from './certificate-options.ts'
import { gatewayOption, tokenOption } from './gateway-option.ts'

/** The command asks the admin plane: where it is, and how to be let in. */
export const onAdmin = (command: Command): Command =>
  withTls(command.addOption(adminOption()).addOption(adminTokenOption()))

/** The command calls the data plane. */
export const onGateway = (command: Command): Command =>
  withTls(command.addOption(gatewayOption()).addOption(tokenOption()))

/** It asks both planes. */
export const onBothPlanes = (command: Command): Command =>
  onAdmin(command.addOption(gatewayOption()).addOption(tokenOption()))

const withTls = (command: Command): Command =>
  command.addOption(caOption()).addOption(certOption()).addOption(keyOption())
