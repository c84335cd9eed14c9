import { createRandom, gamma, normal } from './chance.ts'
import { bell, day, hour, rise, type Rate, type Shape } from './load-shapes.ts'

/*
 * Loads as publications describe them; the traces themselves are not here. Each seed is another one of its kind. With those
 * before ALIBABA the model was compared while it was made, the others it met when it was done.
 */

/** Values drawn in order, one for each so many seconds. */
const drawn = (count: number, draw: () => number): Float64Array => Float64Array.from({ length: count }, draw)
const at = (values: Float64Array, second: number, each: number): number => values[Math.floor(second / each)] ?? 0

/**
 * Wikipedia (Urdaneta, Pierre, van Steen, Computer Networks 2009; Ali-Eldin et al., IC2E 2014): the wave of a day, whose
 * peak is some twice its trough, of strong seasonality, and noise of a few percent.
 */
function wikipedia(seed: number): Rate {
  const random = createRandom(seed + 1000)
  const noise = drawn(4 * 24 * 60, () => normal(random))
  for (let i = 1; i < noise.length; i++) noise[i] = 0.95 * (noise[i - 1] ?? 0) + 0.312 * (noise[i] ?? 0)
  const sizes = drawn(5, () => 1 + 0.05 * normal(random))
  return second => {
    const turn = (2 * Math.PI * (second % day)) / day
    const wave = 40 * (1 - 0.34 * Math.cos(turn - 0.4) - 0.12 * Math.cos(2 * turn + 0.8))
    return wave * at(sizes, second, day) * (1 + 0.04 * at(noise, second, 60))
  }
}

/**
 * Azure Functions, HTTP triggers (Shahrad et al., Serverless in the Wild, USENIX ATC 2020): the hours of a business, and calls
 * that come less evenly than chance alone would have it.
 */
function azureHttp(seed: number): Rate {
  const random = createRandom(seed + 2000)
  const minutes = drawn(4 * 24 * 60, () => gamma(4, random) / 4)
  return second => {
    const time = second % day
    const work =
      rise(time, 8.5 * hour, 900) * rise(17.5 * hour, time, 1200) * (1 - 0.35 * bell(time, 12.5 * hour, 1800))
    return (0.02 + 12 * work) * at(minutes, second, 60)
  }
}

/** Azure Functions, timers (the same paper): one each quarter of an hour, and one each hour, to the second. */
function azureTimers(seed: number): Rate {
  const offset = Math.floor(createRandom(seed + 3000)() * 300)
  return second => ((second + offset) % 900 < 20 ? 6 : 0) + ((second + offset) % hour < 60 ? 10 : 0)
}

/** BurstGPT (Wang et al., arXiv 2401.17644): language models; hours of the day, and minutes by a gamma law. */
function burstGpt(seed: number): Rate {
  const random = createRandom(seed + 4000)
  const minutes = drawn(4 * 24 * 60, () => gamma(1, random))
  return second => {
    const time = second % day
    const work = bell(time, 11 * hour, 2 * hour) + 1.1 * bell(time, 16 * hour, 3 * hour)
    return 6 * (0.15 + work + 0.5 * bell(time, 21 * hour, 1.5 * hour)) * at(minutes, second, 60)
  }
}

/** World Cup 98 (Arlitt and Jin, IEEE Network 2000): crowds at two matches a day, at other hours each day. */
function worldCup(seed: number): Rate {
  const random = createRandom(seed + 5000)
  const matches = Array.from({ length: 4 }, () => {
    const first = (14 + Math.floor(random() * 4) + (random() < 0.5 ? 0.5 : 0)) * hour
    const [small, large] = [60 + 60 * random(), 80 + 80 * random()]
    return [
      { begins: first, size: small },
      { begins: first + 4.5 * hour, size: large }
    ]
  })
  return second => {
    const time = second % day
    const crowds = (matches[Math.floor(second / day)] ?? []).map(({ begins, size }) => {
      const pause = 1 - 0.3 * bell(time, begins + 55 * 60, 400)
      return size * rise(time, begins, 420) * rise(begins + 2 * hour, time, 600) * pause
    })
    return (
      12 * (1 - 0.6 * Math.cos((2 * Math.PI * (time - 4 * hour)) / day)) + crowds.reduce((sum, one) => sum + one, 0)
    )
  }
}

/** Huawei's functions (Joosen et al., SoCC 2023): a strong period of a day, two peaks of work, and spikes at full hours. */
function huawei(seed: number): Rate {
  const random = createRandom(seed + 6000)
  const sizes = drawn(5, () => 1 + 0.08 * normal(random))
  return second => {
    const time = second % day
    const work = bell(time, 10.5 * hour, 1.3 * hour) + bell(time, 15.5 * hour, 1.8 * hour)
    const level = 0.1 + work + 0.4 * bell(time, 21 * hour, 1.5 * hour)
    return 25 * at(sizes, second, day) * level * (time % hour < 60 ? 1.6 : 1)
  }
}

/** Alibaba's microservices (Luo et al., SoCC 2021): little at night, a high evening, and dips and surges of some minutes. */
function alibaba(seed: number): Rate {
  const random = createRandom(seed + 8000)
  const surges = drawn(4 * 24 * 6, () => (random() < 0.05 ? 1.5 : random() < 0.05 ? 0.6 : 1))
  return second => {
    const time = second % day
    const wave = 0.25 + 0.7 * bell(time, 11 * hour, 2.5 * hour) + bell(time, 21 * hour, 2 * hour)
    return 30 * wave * at(surges, second, 600)
  }
}

/** NASA's web server (Arlitt and Williamson, SIGMETRICS 1996): a small load with its peak in the afternoon, less at weekends. */
function nasa(seed: number): Rate {
  const random = createRandom(seed + 9000)
  const minutes = drawn(4 * 24 * 60, () => gamma(8, random) / 8)
  const weekday = Math.floor(random() * 7)
  return second => {
    const isOff = (Math.floor(second / day) + weekday) % 7 > 4
    return (0.4 + 2 * bell(second % day, 14.5 * hour, 3.2 * hour)) * (isOff ? 0.5 : 1) * at(minutes, second, 60)
  }
}

/** Azure Functions, queues (Shahrad et al.): batches of work that somebody hands over by chance, some twenty a day. */
function azureQueues(seed: number): Rate {
  const random = createRandom(seed + 10_000)
  const batches: { readonly begins: number; readonly length: number; readonly rate: number }[] = []
  for (let begins = 0; begins < 4 * day;) {
    begins += 300 - 4000 * Math.log(1 - random())
    batches.push({ begins, length: 120 + 600 * random(), rate: 4 + 16 * random() })
  }
  return second => batches.find(({ begins, length }) => second >= begins && second < begins + length)?.rate ?? 0
}

const threeDays = { countedFrom: 2 * day, until: 3 * day }

export const describedShapes: readonly Shape[] = [
  { name: 'Wikipedia', rate: wikipedia, ...threeDays },
  { name: 'Azure Functions, HTTP', rate: azureHttp, ...threeDays },
  { name: 'Azure Functions, timers', rate: azureTimers, countedFrom: 6 * hour, until: 18 * hour },
  { name: 'BurstGPT', rate: burstGpt, ...threeDays },
  { name: 'World Cup 98', rate: worldCup, ...threeDays },
  { name: 'Huawei', rate: huawei, ...threeDays },
  { name: 'Alibaba', rate: alibaba, ...threeDays },
  { name: 'NASA', rate: nasa, ...threeDays },
  { name: 'Azure Functions, queues', rate: azureQueues, ...threeDays }
]
