import { describeKilled } from './killed.fixture.ts'

// Ten points over the whole run, others each time; killed.rig.test.ts takes every one.
describeKilled((asked) => {
  const step = Math.ceil(asked / 10)
  const offset = 1 + Math.floor(Math.random() * step)
  return Array.from({ length: 10 }, (_, index) => offset + index * step).filter((point) => point <= asked)
})
