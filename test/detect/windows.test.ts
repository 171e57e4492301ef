// SMB and DCE/RPC: what attacks, and what a domain does all day.
import { expect, it } from 'vitest'
import { type KerberosAttack, kerberosAttack } from '../attacks/kerberos.ts'
import { type Calls, domainDay, remoteProcedures, smbExploit } from '../attacks/windows.ts'
import type { World } from '../attacks/world.ts'
import { linesOf } from '../evaluate/findings.ts'

const findings = (act: (world: World) => void) => linesOf(act, 5, 1800)

it.each<[string, Calls, string]>([
  [
    'a service by PsExec',
    { interface: 'svcctl', operations: [15, 12, 19], over: 'smb' },
    'medium remote-administration .* created a service',
  ],
  ['a task over TCP', { interface: 'schrpc', operations: [1], over: 'tcp' }, 'medium remote-administration .* registered a scheduled task'],
  ['DCSync', { interface: 'drsuapi', operations: [0, 3], over: 'tcp' }, 'high remote-administration .* copied the accounts'],
  [
    'Zerologon',
    { interface: 'netlogon', operations: Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 4 : 26)), over: 'tcp' },
    'high remote-administration .* over and over, to .* \\(NetrServerAuthenticate3\\), 30 times',
  ],
  [
    'the printer bug',
    { interface: 'spoolss', operations: [69, 65, 29], over: 'smb' },
    'medium remote-administration .* log in elsewhere: .* \\(RpcRemoteFindFirstPrinterChangeNotificationEx\\)',
  ],
  ['PrintNightmare', { interface: 'spoolss', operations: [89], over: 'tcp' }, 'medium remote-administration .* installed a printer driver'],
  [
    'secretsdump',
    { interface: 'winreg', operations: [2, 15, 20], over: 'smb' },
    'high remote-administration .* saved parts of the registry',
  ],
  ['a key written', { interface: 'winreg', operations: [2, 6, 22], over: 'smb' }, 'medium remote-administration .* wrote to the registry'],
  ['accounts listed', { interface: 'samr', operations: [64, 5, 13], over: 'smb' }, 'low remote-administration .* listed the accounts'],
  ['a process by WMI', { interface: 'wmi', operations: [24], over: 'tcp' }, 'medium remote-administration .* ran a method of WMI'],
  ['PetitPotam', { interface: 'efsrpc', operations: [0], over: 'smb' }, 'medium remote-administration .* log in elsewhere'],
])('%s is found', async (_, calls, expected) => {
  expect(await findings((world) => remoteProcedures(world, 50, calls))).toEqual([expect.stringMatching(expected)])
})

it.each([
  ['exploit', 'high smb-exploit .* attacked SMB on .* MS17-010'],
  ['test', 'medium smb-exploit .* it is vulnerable'],
  ['implant', 'high smb-exploit .* DoublePulsar'],
] as const)('MS17-010: %s', async (kind, expected) => {
  expect(await findings((world) => smbExploit(world, 50, kind))).toEqual([expect.stringMatching(expected)])
})

it.each<[KerberosAttack, string]>([
  [
    { kind: 'spray', names: 6, seconds: 60, over: 'udp' },
    'medium kerberos-attack .* tried passwords of 6 accounts at the Kerberos server [0-9.]+ in 5 min\\.$',
  ],
  [
    { kind: 'spray', names: 30, seconds: 1, over: 'tcp', isLucky: true },
    'high kerberos-attack .* passwords of 30 accounts .*, and got in with 1 account\\.$',
  ],
  [
    { kind: 'guess', names: 40, seconds: 1, over: 'udp', isLucky: true },
    'high kerberos-attack .* tried 40 wrong passwords of one account .*, and got in\\.$',
  ],
  [{ kind: 'names', names: 50, seconds: 0.1, over: 'udp' }, 'medium kerberos-attack .* asked .* for 50 accounts that do not exist'],
  [
    { kind: 'kerberoast', names: 5, seconds: 1, over: 'tcp' },
    'medium kerberos-attack .* got tickets encrypted with RC4 for 5 services .*Kerberoasting',
  ],
  [
    { kind: 'as-rep', names: 1, seconds: 1, over: 'udp' },
    'medium kerberos-attack .* got RC4 tickets of 1 account that need no .*AS-REP roasting',
  ],
])('%o is found', async (attack, expected) => {
  expect(await findings((world) => kerberosAttack(world, 50, attack))).toEqual([expect.stringMatching(expected)])
})

it.each<KerberosAttack>([
  { kind: 'spray', names: 4, seconds: 1, over: 'udp' },
  { kind: 'guess', names: 14, seconds: 1, over: 'tcp' },
  { kind: 'guess', names: 40, seconds: 60, over: 'udp' },
  { kind: 'names', names: 9, seconds: 1, over: 'udp' },
  { kind: 'kerberoast', names: 3, seconds: 1, over: 'tcp' },
])('%o is below the thresholds', async (attack) => {
  expect((await findings((world) => kerberosAttack(world, 50, attack))).filter((line) => !line.startsWith('info'))).toEqual([])
})

it('controllers that replicate, machines that log in and transactions of the same kind are none', async () => {
  expect((await findings(domainDay)).filter((line) => !line.startsWith('info'))).toEqual([])
})
