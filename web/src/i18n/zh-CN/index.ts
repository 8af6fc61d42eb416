import admin from './admin.json'
import auth from './auth.json'
import chat from './chat.json'
import common from './common.json'
import demo from './demo.json'
import developer from './developer.json'
import directory from './directory.json'
import errors from './errors.json'
import leave from './leave.json'
import meetings from './meetings.json'
import people from './people.json'
import prejoin from './prejoin.json'
import profile from './profile.json'
import quality from './quality.json'
import setup from './setup.json'
import stage from './stage.json'

export const texts = {
  admin,
  auth,
  chat,
  common,
  demo,
  developer,
  directory,
  errors,
  leave,
  meetings,
  people,
  prejoin,
  profile,
  quality,
  setup,
  stage,
}
