import { describeKilled } from './killed.fixture.ts'

describeKilled((asked) => Array.from({ length: asked }, (_, index) => index + 1))
