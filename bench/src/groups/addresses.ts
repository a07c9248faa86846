import { BlockList } from 'node:net'
import { compileNetworks, parseAddress } from '@countersign/core/plugin'
import ipaddr from 'ipaddr.js'
import type { Contender, Contest } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import { createFreshTexts } from '../harness/fresh.ts'
import { each } from '../harness/timed.ts'
import { TEN_NETWORKS } from '../workload/engine.ts'

const BATCH = 512
/** Addresses of each notation, half of them in a network of `TEN_NETWORKS`. */
const NOTATIONS = {
  v4: ['203.0.113.77', '8.8.8.8', '10.20.30.40', '198.18.7.6'],
  v6: ['2001:db8::1', '2606:4700:4700::1111', 'fd00:1:2:3:4:5:6:7', '2a00:1450:4001:82b::200e'],
  mapped: ['::ffff:203.0.113.77', '::ffff:8.8.8.8', '::ffff:10.20.30.40', '::ffff:198.18.7.6'],
} as const
const FASTER: Readonly<Record<keyof typeof NOTATIONS, number>> = { v4: 8, v6: 10, mapped: 10 }

/** An address in text against an allow-list that was compiled before. */
export async function contests(): Promise<readonly Contest[]> {
  const notations = Object.keys(NOTATIONS) as (keyof typeof NOTATIONS)[]
  return [...notations.map(smallLists), largeLists()]
}

function smallLists(notation: keyof typeof NOTATIONS): Contest {
  const fresh = createFreshTexts(NOTATIONS[notation])
  const inputs = { next: () => fresh.next(BATCH) }
  const sizes = [1, 10]
  return {
    title: `Allow-list of 1 and of 10 networks, ${notation}`,
    unit: 'µs',
    contenders: sizes.flatMap((size): Contender[] => [
      each(`countersign, ${size}`, inputs, ours(TEN_NETWORKS.slice(-size))),
      each(`ipaddr.js preparsed, ${size}`, inputs, byIpaddr(TEN_NETWORKS.slice(-size))),
      each(`net.BlockList, ${size}`, inputs, byBlockList(TEN_NETWORKS.slice(-size))),
    ]),
    goals: sizes.map((size) =>
      atLeast('G8', `countersign, ${size}`, `ipaddr.js preparsed, ${size}`, FASTER[notation]),
    ),
  }
}

function largeLists(): Contest {
  const many = Array.from(
    { length: 1000 },
    (_, index) => `10.${index >> 2}.${(index & 3) * 64}.0/24`,
  )
  const inside = many.map((network) => network.replace('0/24', '7'))
  const fresh = createFreshTexts([...inside, ...NOTATIONS.v4])
  const inputs = { next: () => fresh.next(BATCH) }
  return {
    title: 'Allow-list of 1000 networks, v4',
    unit: 'µs',
    contenders: [
      each('countersign, 1', inputs, ours(many.slice(0, 1))),
      each('countersign, 1000', inputs, ours(many)),
      each('ipaddr.js preparsed, 1000', inputs, byIpaddr(many)),
      each('net.BlockList, 1000', inputs, byBlockList(many)),
    ],
    goals: [
      atMost('G8b', 'countersign, 1000', 'countersign, 1', 4),
      atLeast('G8b', 'countersign, 1000', 'ipaddr.js preparsed, 1000', 50),
      atLeast('G8b', 'countersign, 1000', 'net.BlockList, 1000', 10),
    ],
  }
}

type Check = (text: string) => boolean

function ours(networks: readonly string[]): Check {
  const admits = compileNetworks(networks)
  return (text) => {
    const address = parseAddress(text)
    return address !== undefined && admits(address)
  }
}

function byIpaddr(networks: readonly string[]): Check {
  const parsed = networks.map((network) => ipaddr.parseCIDR(network))
  return (text) => {
    const address = ipaddr.process(text)
    const kind = address.kind()
    return parsed.some((network) => network[0].kind() === kind && address.match(network))
  }
}

function byBlockList(networks: readonly string[]): Check {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  return (text) => list.check(text, text.includes(':') ? 'ipv6' : 'ipv4')
}
