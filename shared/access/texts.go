package access

// What people read when they are refused. Clients and their users know these texts, so they are part of the API.
const (
	textTooManyRequests = "This endpoint has been requested too many times. Try again later."
	textMaintenance     = "Git push is not allowed because this GitLab instance is currently in (read-only) maintenance mode."
	textOneTimePassword = "OTP verification is required to access the repository.\n\n   Use: "
	textReadOnly        = "You can't push code to a read-only GitLab instance."
	textUnknownCommand  = "The command you're trying to execute is not allowed."
	textNoSSOSession    = "Cannot find valid SSO session. Please login via your group's SSO at "
	textTimedOut        = "Push operation timed out\n\nTiming information for debugging purposes:\n"

	textKeyExpired     = "Your SSH key has expired."
	textKeyExpiresSoon = "INFO: Your SSH key expires soon. Please generate a new key."
	textMechanism      = "The authentication mechanism is not supported."

	textInternalUser    = "This action cannot be performed by internal users"
	textPendingApproval = "Your account is pending approval from your administrator and hence blocked."
	textBlocked         = "Your account has been blocked."
	textPasswordExpired = "Your password expired. Please access GitLab from a web browser to update your password."
	textTerms           = "You (@%s) must accept the Terms of Service in order to perform this action. " +
		"To accept these terms, please access GitLab from a web browser at %s."
	textDeactivated = "Your account has been deactivated by your administrator. " +
		"Please log back in from a web browser to reactivate your account at "
	textUnconfirmed = "Your primary email address is not confirmed. " +
		"Please check your inbox for the confirmation instructions. " +
		"In case the link is expired, you can request a new confirmation email at "

	textNoNamespace    = "The namespace you were looking for could not be found."
	textNamespace      = "You are not allowed to access projects in this namespace."
	textCouldNotCreate = "Could not create project: "

	textNoProject = "The project you were looking for could not be found or you don't have permission to view it."
	textNoWiki    = "The wiki you were looking for could not be found."
	textNoSnippet = "The snippet you were looking for could not be found."

	textNoProjectRepository = "A repository for this project does not exist yet."
	textNoWikiRepository    = "A repository for this wiki does not exist yet."
	textNoSnippetRepository = "The snippet repository you were looking for could not be found."

	textDownloadProject = "You are not allowed to download code from this project."
	textDownloadWiki    = "You are not allowed to download files from this wiki."
	textReadSnippet     = "You are not allowed to read this snippet."

	textRepositoryReadOnly = "The repository is temporarily read-only. Please try again later."
	textArchived           = "You can't push code to an archived project."
	textDeployKeyWrite     = "This deploy key does not have write access to this project."
	textUpload             = "You are not allowed to upload code for this project."
	textPush               = "You are not allowed to push code to this project."
	textWriteWiki          = "You are not allowed to write to this project's wiki."
	textWriteGroupWiki     = "You are not allowed to write to this group's wiki."
	textUpdateSnippet      = "You are not allowed to update this snippet."

	textDefaultBranch   = "The default branch of a project cannot be deleted."
	textBranchLikeID    = "You cannot create a branch with a SHA-1 or SHA-256 branch name."
	textBranchName      = "You cannot create a branch with an invalid name."
	textForcePush       = "You are not allowed to force push code to a protected branch on this project."
	textPushProtected   = "You are not allowed to push code to protected branches on this project."
	textMergeProtected  = "You are not allowed to merge code into protected branches on this project."
	textCreateProtected = "You are not allowed to create protected branches on this project."
	textBranchBasis     = "You can only use an existing protected branch ref as the basis of a new protected branch."
	textCreateOnWeb     = "You can only create protected branches using the web interface and API."
	textDeleteProtected = "You are not allowed to delete protected branches from this project. " +
		"Only a project maintainer or owner can delete a protected branch."
	textDeleteOnWeb     = "You can only delete protected branches using the web interface."
	textNoDefaultBranch = "\nA default branch (e.g. main) does not yet exist for %s\n" +
		"Ask a project Owner or Maintainer to create a default branch:\n\n  %s/-/project_members\n\n"
	textChangeTag          = "You are not allowed to change existing tags on this project."
	textTagLikeBranch      = "You cannot use default branch name to create a tag"
	textTagEncoding        = "Tag names must be valid when converted to UTF-8 encoding"
	textTagPattern         = "You cannot create a tag with a prohibited pattern."
	textTagLikeID          = "You cannot create a tag with a SHA-1 or SHA-256 tag name."
	textUpdateProtectedTag = "Protected tags cannot be updated."
	textDeleteProtectedTag = "You are not allowed to delete protected tags from this project. " +
		"Only a project maintainer or owner can delete a protected tag."
	textDeleteTagOnWeb     = "You can only delete protected tags using the web interface."
	textCreateProtectedTag = "You are not allowed to create this tag as it is protected."
	textSnippetBranches    = "You can not create or delete branches."

	textDesignsOnWebOnly = "Designs are only accessible using the web interface"
	textManageDesigns    = "You are not allowed to manage designs of this project"
)

// sayPush is what a push's own checks say while they run.
const sayPush = "Checking if you are allowed to push"
