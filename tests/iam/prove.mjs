// Shows that the role of the function allows every call that was recorded, needs every statement and every
// action to do so, and allows none of a list of neighbours.
//
//     node prove.mjs recorded-calls.json
//
// Without the simulator's own word for it that a policy is sound, nothing is shown.

import { readFileSync } from 'node:fs'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const ACCOUNT = '123456789012'
const REGION = 'eu-west-1'
const PRINCIPAL = `arn:aws:sts::${ACCOUNT}:assumed-role/trailhound/trailhound`

/** What IAM checks for an operation: `docs.aws.amazon.com/service-authorization`. */
const CHECKED = {
  'GetObject': 's3:GetObject',
  'GetObjectVersion': 's3:GetObjectVersion',
  'PutObject': 's3:PutObject',
  'Publish': 'sns:Publish',
  'PublishBatch': 'sns:Publish',
}

/** Actions on resources, with what conditions ask about, that one recorded call comes to. */
function checks(call, stack) {
  const one = (action, resource, context = {}) => ({ action, resource, context })
  if (call.service === 's3') {
    const [bucket] = call.resource.split('/')
    const all = [one(CHECKED[call.operation], `arn:aws:s3:::${call.resource}`)]
    // S3 tells that an object is missing only to whom may list the bucket.
    if (call.status === 404) all.push(one('s3:ListBucket', `arn:aws:s3:::${bucket}`))
    // S3 opens an object of the trail's key in the name of whom reads it.
    if (call.key) all.push(one('kms:Decrypt', call.key, { 'kms:ViaService': `s3.${REGION}.amazonaws.com` }))
    return all
  }
  if (call.service === 'sns') {
    const via = { 'kms:ViaService': `sns.${REGION}.amazonaws.com` }
    const key = stack.topic_keys[call.resource]
    // SNS encrypts for whom publishes, and checks with a decryption that it may.
    const encrypting = key ? [one('kms:GenerateDataKey', key, via), one('kms:Decrypt', key, via)] : []
    return [one(CHECKED[call.operation], call.resource), ...encrypting]
  }
  if (call.service === 'dynamodb')
    return [one(`dynamodb:${call.operation}`, `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${call.resource}`)]
  if (call.service === 'sqs')
    return [one(`sqs:${call.operation}`, `arn:aws:sqs:${REGION}:${ACCOUNT}:${call.resource.split('/').pop()}`)]
  // IAM knows no resource of public keys.
  if (call.service === 'cloudtrail') return [one(`cloudtrail:${call.operation}`, '*')]
  throw new Error(`nobody has said what is checked for ${call.service} ${call.operation}`)
}

/** Lambda writes the function's log under its role; no emulator does that. */
function byLambda(stack) {
  const stream = stack.log_group.replace(/:\*$/, ':log-stream:2026/05/01/[$LATEST]0123')
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({ action, resource: stream, context: {} }))
}

/** Each check once, however often it was made. */
function distinct(checks) {
  const seen = new Map()
  for (const check of checks) seen.set(JSON.stringify([check.action, check.resource, check.context]), check)
  return [...seen.values()]
}

async function isAllowed(policy, { action, resource, context }) {
  const response = await runSimulation({
    request: {
      principal: PRINCIPAL,
      action,
      resource: { resource, accountId: resource.split(':')[4] || ACCOUNT },
      contextVariables: context,
    },
    identityPolicies: [{ name: 'trailhound', policy }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    // The key lets the policies of its account decide, as those of the template do.
    resourcePolicy: action.startsWith('kms:') ? keyPolicy : undefined,
  }, {})
  if (response.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(response.errors)}`)
  const results = response.resultType === 'wildcard' ? response.results : [response.result ?? response]
  return results.length > 0 && results.every((result) => (result.analysis ?? result).result === 'Allowed')
}

const keyPolicy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }],
}

const list = (value) => (Array.isArray(value) ? value : [value])

/** The policy without one statement, one action or one resource, and what was taken away. */
function* reductions(policy) {
  const without = (index, statement) => ({
    ...policy,
    Statement: policy.Statement.flatMap((one, at) => (at === index ? (statement ? [statement] : []) : [one])),
  })
  for (const [index, statement] of policy.Statement.entries()) {
    yield [statement.Sid, without(index)]
    for (const part of ['Action', 'Resource']) {
      const values = list(statement[part])
      if (values.length < 2) continue
      for (const value of values) {
        const rest = values.filter((other) => other !== value)
        yield [`${statement.Sid}: ${value}`, without(index, { ...statement, [part]: rest })]
      }
    }
  }
}

/** What stands beside what is allowed, and must stay denied. */
function neighbours(stack, allowed) {
  const all = []
  const add = (action, resource, context = {}) => all.push({ action, resource, context })
  for (const { action, resource, context } of allowed) {
    const [service] = action.split(':')
    if (service === 's3' && resource.includes('/')) {
      const [bucket, ...key] = resource.split(':::')[1].split('/')
      add(action, `arn:aws:s3:::${bucket}-of-others/${key.join('/')}`)
      add(action, `arn:aws:s3:::${bucket}/elsewhere/${key.join('/')}`)
      for (const other of ['s3:DeleteObject', 's3:PutObjectAcl', 's3:GetObjectAcl', 's3:PutObjectRetention'])
        add(other, resource)
      if (action !== 's3:PutObject') add('s3:PutObject', resource)
      else add('s3:GetObject', resource)
    } else if (service === 's3') {
      add(action, `${resource}-of-others`)
      for (const other of ['s3:PutBucketNotification', 's3:DeleteBucket', 's3:PutBucketPolicy', 's3:GetBucketPolicy'])
        add(other, resource)
    } else if (service === 'kms') {
      add(action, resource.replace(/key\/.*/, 'key/ffffffff-ffff-4fff-8fff-ffffffffffff'), context)
      add(action, resource, { 'kms:ViaService': `ec2.${REGION}.amazonaws.com` })
      add(action, resource)
      add('kms:ScheduleKeyDeletion', resource, context)
      add('kms:Encrypt', resource, context)
    } else if (service === 'logs') {
      add(action, resource.replace('log-group:', 'log-group:other-'))
      add('logs:DeleteLogGroup', stack.log_group.replace(/:\*$/, ''))
    } else if (service === 'cloudtrail') {
      for (const other of ['cloudtrail:DescribeTrails', 'cloudtrail:ListTrails', 'cloudtrail:LookupEvents']) add(other, resource)
    } else {
      add(action, `${resource}-of-others`)
      add(action, resource.replace(ACCOUNT, '210987654321'))
      add(action, resource.replace(REGION, 'us-east-1'))
    }
  }
  for (const { action, resource } of allowed) {
    if (action === 'sns:Publish') for (const other of ['sns:Subscribe', 'sns:SetTopicAttributes', 'sns:DeleteTopic']) add(other, resource)
    if (action === 'dynamodb:GetItem') for (const other of ['dynamodb:Scan', 'dynamodb:DeleteTable', 'dynamodb:UpdateTable']) add(other, resource)
    if (action === 'sqs:ReceiveMessage') for (const other of ['sqs:SendMessage', 'sqs:PurgeQueue', 'sqs:SetQueueAttributes']) add(other, resource)
  }
  add('cloudtrail:StopLogging', `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/trailhound`)
  add('lambda:UpdateFunctionCode', `arn:aws:lambda:${REGION}:${ACCOUNT}:function:trailhound-Function`)
  add('iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/trailhound-FunctionRole`)
  const keys = new Set(allowed.map((check) => JSON.stringify(check)))
  return distinct(all).filter((check) => !keys.has(JSON.stringify(check)))
}

async function prove(stack) {
  const problems = []
  const needed = distinct([...stack.calls.flatMap((call) => checks(call, stack)), ...byLambda(stack)])
  for (const check of needed)
    if (!(await isAllowed(stack.policy, check))) problems.push(`made and not allowed: ${check.action} on ${check.resource}`)
  let taken = 0
  for (const [what, policy] of reductions(stack.policy)) {
    taken += 1
    let broken = false
    for (const check of needed) if (!(await isAllowed(policy, check))) { broken = true; break }
    if (!broken) problems.push(`allowed and never needed: ${what}`)
  }
  const forbidden = neighbours(stack, needed)
  for (const check of forbidden)
    if (await isAllowed(stack.policy, check)) problems.push(`allowed and should not be: ${check.action} on ${check.resource}`)
  const counts = `${stack.calls.length} calls, ${needed.length} checks allowed, ${taken} parts needed, ${forbidden.length} neighbours denied`
  console.log(`${stack.name}: ${counts}`)
  return problems.map((problem) => `${stack.name}: ${problem}`)
}

const problems = []
for (const stack of JSON.parse(readFileSync(process.argv[2], 'utf8'))) problems.push(...(await prove(stack)))
for (const problem of problems) console.error(problem)
process.exit(problems.length > 0 ? 1 : 0)
