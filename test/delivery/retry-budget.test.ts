import { expect, it } from 'vitest'
import { createRetryBudget } from '../../src/delivery/retry-budget.ts'

function withdrawAll(budget: ReturnType<typeof createRetryBudget>): number {
  let count = 0
  while (budget.withdraw()) count++
  return count
}

it('starts full, with 100 retries', () => {
  expect(withdrawAll(createRetryBudget(() => 0))).toBe(100)
})

it('gains a retry for every five first attempts', () => {
  const budget = createRetryBudget(() => 0)
  withdrawAll(budget)
  for (let i = 0; i < 50; i++) budget.deposit()
  expect(withdrawAll(budget)).toBeGreaterThanOrEqual(9)
  expect(budget.withdraw()).toBe(false)
})

it('gains ten a second, and never holds more than 100', () => {
  let now = 0
  const budget = createRetryBudget(() => now)
  withdrawAll(budget)
  now = 2_000
  expect(withdrawAll(budget)).toBe(20)
  now = 1_000_000
  expect(budget.ratio()).toBe(1)
  expect(withdrawAll(budget)).toBe(100)
})
