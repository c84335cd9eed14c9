import { describe, expect, it } from 'vitest'
import { createEgressCheck } from '../../src/delivery/egress.ts'

describe('egress: cluster', () => {
  const check = createEgressCheck({ kind: 'cluster' })

  it.each([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd00:ec2:ffff::1',
    'fd00:42::42',
    'fd00:c1::a9fe:a9fe',
    '100.100.100.200',
    '168.63.129.16',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::169.254.169.254',
    '64:ff9b:1:a9fe:a9:fe00::',
    '64:ff9b:1:a9:fe:a9fe::',
    '64:ff9b:1:0:a9:fea9:fe00:0',
    '2002:a9fe:a9fe::1',
    '::ffff:0:169.254.169.254',
    '2001:0:a9fe:a9fe::1',
    '2001:0:808:808:0:0:5601:5601',
    'fd12::5efe:169.254.169.254',
    'fe80::200:5efe:169.254.169.254',
    'fd12::200:5efe:100.100.100.200'
  ])('refuses %s', address => expect(check('some.host', address)).toBe(false))

  it.each(['127.0.0.1', '10.1.2.3', '192.168.1.1', '8.8.8.8', '::1', 'fd12::1', '2606:4700::1111', '::ffff:10.0.0.1'])(
    'allows %s',
    address => expect(check('some.host', address)).toBe(true)
  )
})

describe('egress: public', () => {
  const check = createEgressCheck({ kind: 'public' })

  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::8.8.8.8',
    '2606:4700::5efe:10.0.0.1'
  ])('refuses %s', address => expect(check('some.host', address)).toBe(false))

  it.each(['8.8.8.8', '2606:4700::1111', '64:ff9b::8.8.8.8', '::ffff:8.8.8.8', '2606:4700::5efe:8.8.8.8'])(
    'allows %s',
    address => expect(check('some.host', address)).toBe(true)
  )
})

describe('egress: allow-list', () => {
  const check = createEgressCheck({
    kind: 'allow',
    entries: ['Models.internal', '10.0.0.0/8', '192.168.1.7', 'fd00::/8']
  })

  it.each([
    ['models.internal', '172.16.0.1', true],
    ['other.internal', '172.16.0.1', false],
    ['other.internal', '10.9.9.9', true],
    ['192.168.1.7', '192.168.1.7', true],
    ['192.168.1.8', '192.168.1.8', false],
    ['other.internal', 'fd00::9', true],
    ['other.internal', '::ffff:10.0.0.1', true],
    ['other.internal', '64:ff9b::10.0.0.1', true],
    ['other.internal', '2002:a00:1::1', false],
    ['models.internal.', '172.16.0.1', true],
    ['models.internal', '169.254.169.254', false],
    ['models.internal', '::ffff:169.254.169.254', false],
    ['models.internal', 'fe80::1', false],
    ['other.internal', 'fd00:ec2::254', false]
  ])('%s at %s: %s', (hostname, address, allowed) => expect(check(hostname, address)).toBe(allowed))
})

describe('egress: metadata', () => {
  it.each([
    [['169.254.169.254'], '169.254.169.254', true],
    [['169.254.169.254'], '::ffff:169.254.169.254', true],
    [['169.254.169.254/32'], '169.254.169.254', true],
    [['fd00:ec2::254'], 'fd00:ec2::254', true],
    [['169.254.169.254'], '169.254.169.253', false],
    [['169.254.0.0/16', '0.0.0.0/0', '::/0'], '169.254.169.254', false],
    [['metadata.internal'], '169.254.169.254', false]
  ])('with allow=%s, %s: %s', (entries, address, allowed) => {
    expect(createEgressCheck({ kind: 'allow', entries })('metadata.internal', address)).toBe(allowed)
  })
})
